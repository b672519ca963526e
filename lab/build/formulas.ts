import temml from 'temml'
import ts from 'typescript'
import type { Plugin } from 'vite'

/** An element of MathML: its name, its attributes, what it holds. */
export type MathNode = readonly [
  name: string,
  attributes: Readonly<Record<string, string>>,
  children: readonly (MathNode | string)[],
]

/**
 * Imports of `.tex` become MathML when the page is built: the page holds trees, and neither TeX nor
 * fonts.
 *
 * `\class{query}{…}` gives the colour of a role, `\data{slot=score}{…}` a place that the page fills
 * with a live number.
 */
export const formulas = (): Plugin => ({
  name: 'formulas',
  enforce: 'pre',
  transform(source, path) {
    if (!path.endsWith('.tex')) return null
    return { code: `export default ${JSON.stringify(mathOf(source.trim()))}`, map: null }
  },
})

/** A formula in TeX as MathML. */
export const mathOf = (tex: string): MathNode =>
  mathTree(
    temml.renderToString(tex, {
      displayMode: false,
      trust: true,
      throwOnError: true,
      annotate: false,
    }),
  )

/** MathML is what TypeScript reads as JSX, once attributes and texts are plain: one parser less. */
export function mathTree(markup: string): MathNode {
  // a brace would begin an expression
  const quoted = markup.replace(/[{}]/g, (brace) => `&#${brace.charCodeAt(0)};`)
  const file = ts.createSourceFile(
    'formula.tsx',
    quoted,
    ts.ScriptTarget.ES2022,
    true,
    ts.ScriptKind.TSX,
  )
  const [statement] = file.statements
  if (!ts.isExpressionStatement(statement)) throw new Error(`formulas: no MathML: ${markup}`)
  return nodeOf(statement.expression as ts.JsxElement | ts.JsxSelfClosingElement)
}

function nodeOf(element: ts.JsxElement | ts.JsxSelfClosingElement): MathNode {
  const opening = ts.isJsxElement(element) ? element.openingElement : element
  const attributes: Record<string, string> = {}
  for (const attribute of opening.attributes.properties) {
    if (!ts.isJsxAttribute(attribute)) continue
    const name = attribute.name.getText()
    // a style in markup would be refused by a strict policy
    if (name !== 'style')
      attributes[name] =
        attribute.initializer && ts.isStringLiteral(attribute.initializer)
          ? attribute.initializer.text
          : ''
  }
  return [
    opening.tagName.getText(),
    attributes,
    ts.isJsxElement(element) ? childrenOf(element) : [],
  ]
}

const childrenOf = (element: ts.JsxElement): (MathNode | string)[] =>
  element.children.flatMap((child): (MathNode | string)[] => {
    if (ts.isJsxText(child)) return child.text ? [plain(child.text)] : []
    return ts.isJsxElement(child) || ts.isJsxSelfClosingElement(child) ? [nodeOf(child)] : []
  })

const NAMED: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"' }

const plain = (text: string): string =>
  text.replace(/&(?:#x([0-9a-f]+)|#(\d+)|(lt|gt|amp|quot));/gi, (_, hex, decimal, name) =>
    name ? NAMED[name] : String.fromCodePoint(hex ? Number.parseInt(hex, 16) : Number(decimal)),
  )
