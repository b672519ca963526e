import { readFileSync } from 'node:fs'
import ts from 'typescript'
import { describe, expect, test } from 'vitest'
import { type OperationName, operations } from '../../src/device/operations.ts'

const SOURCE = new URL('../../src/device/operations.ts', import.meta.url)

/** What the table's source says of each operation: its sentence, and the names of its arguments. */
function described(): Map<string, { readonly says: string; readonly given: string }> {
  const source = ts.createSourceFile(
    'operations.ts',
    readFileSync(SOURCE, 'utf8'),
    ts.ScriptTarget.ES2022,
    true,
  )
  const found = new Map<string, { says: string; given: string }>()
  const visit = (node: ts.Node): void => {
    if (
      ts.isPropertyAssignment(node) &&
      ts.isCallExpression(node.initializer) &&
      node.initializer.expression.getText(source) === 'operation'
    ) {
      const [, call] = node.initializer.arguments
      const [comment] = ts.getJSDocCommentsAndTags(node).filter(ts.isJSDoc)
      const says = ts.getTextOfJSDocComment(comment?.comment) ?? ''
      const names = ts.isArrowFunction(call)
        ? call.parameters.map((one) => one.name.getText(source).replace(/\s+/g, ' '))
        : []
      found.set(node.name.getText(source), {
        says: says.replace(/\s+/g, ' '),
        given: names.join(', '),
      })
    } else ts.forEachChild(node, visit)
  }
  visit(source)
  return found
}

function page(): string {
  const texts = described()
  const parts = (Object.keys(operations) as OperationName[]).map((name) => {
    const { shapes, inPlace, backward = [] } = operations[name]
    const { says, given } = texts.get(name) ?? { says: '', given: '' }
    return [
      `## \`${name}(${given})\``,
      says,
      ...shapes.map((text, n) => `${n ? 'or' : 'Shapes:'} \`${text}\``),
      ...(inPlace ? ['The output may be an input.'] : []),
      ...(backward.length
        ? [`Gradients: ${backward.map((text) => `\`${text}\``).join(', ')}.`]
        : []),
    ]
      .filter(Boolean)
      .join('\n\n')
  })
  return `${HEAD}\n\n${parts.join('\n\n')}\n`
}

const HEAD = `# Operations of a device

Made of the table in \`src/device/operations.ts\` by \`npx vitest run --project node test/device/operations.test.ts -u\`; attention is in
[passes.md](passes.md#packed-rows-segments-statistics). Operands before the arrow are read, those behind it are written; \`~\` marks one that is changed, \`?\` one that may
be left out, \`*\` a list, \`:int32\` or an interval integers. An axis has one length wherever its name stands, and \`…\` is any shape.`

describe('the table of operations', () => {
  test('is what docs/operations.md says', async () => {
    await expect(page()).toMatchFileSnapshot('../../docs/operations.md')
  })

  test.each(Object.keys(operations) as OperationName[])(
    '%s has gradients that read its operands, or the gradients of its outputs',
    (name) => {
      const { signatures: forms, backward = [] } = operations[name]
      const { operands } = forms[0]
      const read = operands.filter(({ role }) => role !== 'written').map((one) => one.name)
      const known = [
        'd',
        ...read,
        ...operands.filter(({ role }) => role !== 'read').map((one) => `d${one.name}`),
      ]
      for (const text of backward) {
        const [, gradients, by, given] = /^([\w, ]+) = (?:(\w+)\()?([^)]*)\)?/.exec(text) ?? []
        expect(
          gradients
            .split(', ')
            .every((one) =>
              read.some((operand) => one.toLowerCase() === `d${operand}`.toLowerCase()),
            ),
        ).toBe(true)
        if (by) expect(Object.keys(operations)).toContain(by)
        for (const operand of given.match(/\b[A-Z]\w*|\bd[A-Z]\w*/g) ?? [])
          expect(known).toContain(operand)
      }
    },
  )
})
