/** A formula taken apart: what stands in it, in turn. */
export type Node =
  /** Letters, digits and signs as they stand; `spaced` where a blank stood before. */
  | { readonly kind: 'sign'; readonly text: string; readonly spaced: boolean }
  /** A command without arguments, as `\alpha`. */
  | { readonly kind: 'command'; readonly name: string; readonly spaced: boolean }
  | { readonly kind: 'group'; readonly nodes: readonly Node[]; readonly spaced: boolean }
  /** A command with what it takes, as `\frac{…}{…}`. */
  | {
      readonly kind: 'call'
      readonly name: string
      readonly args: readonly (readonly Node[])[]
      readonly spaced: boolean
    }
  | {
      readonly kind: 'script'
      readonly base: Node | undefined
      readonly sup?: readonly Node[]
      readonly sub?: readonly Node[]
    }

/** Commands with one argument, and with two. */
const ARGUMENTS: ReadonlyMap<string, number> = new Map([
  ...'sqrt mathbb mathrm mathbf mathit mathcal text operatorname hat bar tilde vec overline'
    .split(' ')
    .map((name): [string, number] => [name, 1]),
  ...'frac dfrac tfrac'.split(' ').map((name): [string, number] => [name, 2]),
])

const TOKEN = /\s+|\\[a-zA-Z]+|\\.|./gsu

/** Tokens of a formula, from the one that comes next. */
interface Reader {
  readonly tokens: readonly string[]
  at: number
}

/** What stands in a formula. Whatever it is, it is read: braces that are not closed end with it. */
export function nodesOf(tex: string): Node[] {
  const reader: Reader = { tokens: tex.match(TOKEN) ?? [], at: 0 }
  const nodes: Node[] = []
  while (reader.at < reader.tokens.length) {
    nodes.push(...listOf(reader))
    // a brace too many
    reader.at++
  }
  return nodes
}

/** Nodes up to a closing brace, which is left. */
function listOf(reader: Reader): Node[] {
  const nodes: Node[] = []
  let spaced = false
  for (; reader.at < reader.tokens.length && reader.tokens[reader.at] !== '}'; ) {
    const token = reader.tokens[reader.at]
    if (/^\s/.test(token)) {
      spaced = true
      reader.at++
    } else {
      if (/^[\^_']$/.test(token)) nodes.push(scriptOf(nodes.pop(), reader))
      else nodes.push(nodeOf(reader, spaced))
      spaced = false
    }
  }
  return nodes
}

/** One thing by itself, of one token or of a group. */
function nodeOf(reader: Reader, spaced: boolean): Node {
  const token = reader.tokens[reader.at++]
  if (token === '{') {
    const nodes = listOf(reader)
    reader.at++
    return { kind: 'group', nodes, spaced }
  }
  if (!/^\\[a-zA-Z]/.test(token)) return { kind: 'sign', text: token, spaced }
  const name = token.slice(1)
  const length = ARGUMENTS.get(name)
  if (!length) return { kind: 'command', name, spaced }
  return { kind: 'call', name, args: Array.from({ length }, () => argumentOf(reader)), spaced }
}

/** What a command or a script takes: a group, or one thing. */
function argumentOf(reader: Reader): readonly Node[] {
  while (/^\s/.test(reader.tokens[reader.at] ?? '')) reader.at++
  if (reader.at >= reader.tokens.length || reader.tokens[reader.at] === '}') return []
  const node = nodeOf(reader, false)
  return node.kind === 'group' ? node.nodes : [node]
}

/** What stands above and below the line after a base. */
function scriptOf(base: Node | undefined, reader: Reader): Node {
  const before = base?.kind === 'script' ? base : { kind: 'script' as const, base }
  const token = reader.tokens[reader.at++]
  if (token === "'")
    return { ...before, sup: [...(before.sup ?? []), { kind: 'sign', text: '′', spaced: false }] }
  const nodes = argumentOf(reader)
  const key = token === '_' ? 'sub' : 'sup'
  return { ...before, [key]: [...(before[key] ?? []), ...nodes] }
}
