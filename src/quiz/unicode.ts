import { partsOf } from './formulas.ts'
import { type Node, nodesOf } from './tex.ts'

/** A map from rows of a name and its sign, each `name:sign`, with blanks between. */
const signsOf = (rows: string): ReadonlyMap<string, string> =>
  new Map(rows.split(' ').map((row) => row.split(/:(.*)/) as [string, string]))

/** Commands and their signs; an em space becomes one blank. */
const COMMANDS = signsOf(
  'alpha:α beta:β gamma:γ delta:δ epsilon:ϵ varepsilon:ε zeta:ζ eta:η theta:θ iota:ι kappa:κ lambda:λ mu:μ nu:ν xi:ξ pi:π rho:ρ ' +
    'sigma:σ tau:τ upsilon:υ phi:ϕ varphi:φ chi:χ psi:ψ omega:ω Gamma:Γ Delta:Δ Theta:Θ Lambda:Λ Xi:Ξ Pi:Π Sigma:Σ Phi:Φ Psi:Ψ ' +
    'Omega:Ω sum:Σ prod:Π int:∫ partial:∂ nabla:∇ infty:∞ top:ᵀ prime:′ ell:ℓ forall:∀ exists:∃ dots:… ldots:… cdots:… ' +
    'langle:⟨ rangle:⟩ lVert:‖ rVert:‖ Vert:‖ lvert:| rvert:| mid:| emptyset:∅ circ:∘ odot:⊙ colon:: left: right: ' +
    'quad:\u2003 qquad:\u2003 displaystyle: textstyle:',
)

/** Relations and operations, which have a blank on either side. */
const RELATIONS = signsOf(
  'le:≤ leq:≤ ge:≥ geq:≥ ne:≠ neq:≠ in:∈ notin:∉ subset:⊂ to:→ rightarrow:→ mapsto:↦ Rightarrow:⇒ times:× pm:± approx:≈ sim:∼ ' +
    'propto:∝ equiv:≡ ll:≪ gg:≫ cup:∪ cap:∩ leftarrow:← lt:< gt:> setminus:∖ cdot:·',
)

/** Signs that are relations and operations by themselves. */
const SPACED_SIGNS = signsOf('=:= <:< >:> +:+ -:− ·:·')

const pairs = (from: string, to: string): ReadonlyMap<string, string> =>
  new Map([...from].map((sign, n) => [sign, [...to][n]]))

/** Signs above the line. */
const ABOVE = pairs(
  '0123456789+−=()abcdefghijklmnoprstuvwxyzABDEGHIJKLMNOPRTUVW′ᵀαβγδεθ',
  '⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻᴬᴮᴰᴱᴳᴴᴵᴶᴷᴸᴹᴺᴼᴾᴿᵀᵁⱽᵂ′ᵀᵅᵝᵞᵟᵋᶿ',
)

/**
 * Signs below the line. Not k and v, which there are: there is no q, and d_q, d_k and d_v are to
 * look alike.
 */
const BELOW = pairs('0123456789+−=()aehijlmnoprstux′', '₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑₕᵢⱼₗₘₙₒₚᵣₛₜᵤₓ′')

/** Double-struck letters: those that have a place apart, else in the order of the alphabet. */
const DOUBLE = pairs('CHNPQRZ1', 'ℂℍℕℙℚℝℤ𝟙')
const doubleOf = (sign: string): string =>
  DOUBLE.get(sign) ??
  (/[A-Z]/.test(sign) ? String.fromCodePoint(0x1d538 + sign.charCodeAt(0) - 65) : sign)

const MARKS = signsOf('hat:\u0302 bar:\u0304 overline:\u0304 tilde:\u0303 vec:\u20d7')

/** Signs that belong to what follows: a blank in the source only ends their names. */
const PREFIXES: readonly string[] = ['partial', 'nabla']

/** How a formula is set: `tight` within scripts and brackets, where operations have no blanks. */
interface Setting {
  /** Brackets that are open. */
  depth: number
  readonly script: boolean
}

/**
 * A formula in TeX as one line of Unicode, for places that set no formulas: `q^3 \cdot k^t` becomes
 * q³ · kᵗ.
 *
 * It knows scripts, fractions, roots, sums, Greek and the usual signs; a command that it does not
 * know keeps its name.
 */
export const unicodeOf = (tex: string): string =>
  tex.length > LONGEST_FORMULA
    ? tex
    : set(nodesOf(tex), { depth: 0, script: false }).replace(/\s+/g, ' ').trim().normalize('NFC')

/** What is longer is no formula, and stays as it is. */
const LONGEST_FORMULA = 2000

/** A text with its formulas in Unicode. */
export const unicodeText = (text: string): string =>
  partsOf(text)
    .map((part) => (part.kind === 'prose' ? part.text : unicodeOf(part.text)))
    .join('')

function set(nodes: readonly Node[], setting: Setting): string {
  let text = ''
  for (const [n, node] of nodes.entries()) {
    const operation = operationOf(node)
    if (operation !== undefined) text = joinedBy(text, operation, nodes[n - 1], setting)
    else text += (hasBlank(node, nodes[n - 1], setting) ? ' ' : '') + one(node, setting)
  }
  return text
}

const isSpaced = (node: Node): boolean =>
  node.kind === 'script' ? Boolean(node.base && isSpaced(node.base)) : node.spaced

/**
 * Whether a blank stands before: after a comma, and where there is one in the source, but for a
 * tight stroke.
 */
function hasBlank(node: Node, before: Node | undefined, { script, depth }: Setting): boolean {
  if (!before || script || operationOf(before) !== undefined) return false
  if (before.kind === 'command' && PREFIXES.includes(before.name)) return false
  if (before.kind === 'command' && node.kind === 'group') return true
  if (depth > 0 && (isSign(node, '/') || isSign(before, '/'))) return false
  return isSign(before, ',') || isSpaced(node)
}

const isSign = (node: Node, text: string): boolean => node.kind === 'sign' && node.text === text

/** The sign of a relation or operation. */
function operationOf(node: Node): string | undefined {
  if (node.kind === 'command') return RELATIONS.get(node.name)
  return node.kind === 'sign' ? SPACED_SIGNS.get(node.text) : undefined
}

/**
 * What comes before, then the operation; a minus after nothing, an operation or a bracket is a sign
 * of what follows.
 */
function joinedBy(
  text: string,
  operation: string,
  before: Node | undefined,
  { depth, script }: Setting,
): string {
  if (script || (operation === '·' && depth > 0)) return text.trimEnd() + operation
  const first =
    !before ||
    operationOf(before) !== undefined ||
    (before.kind === 'sign' && /^\\?[([{,]$/.test(before.text))
  if (first && /[−+±]/.test(operation))
    return text + (before && isSign(before, ',') ? ' ' : '') + operation
  return `${text.trimEnd()} ${operation} `
}

function one(node: Node, setting: Setting): string {
  if (node.kind === 'sign') return signOf(node.text, setting)
  if (node.kind === 'command') return COMMANDS.get(node.name) ?? node.name
  if (node.kind === 'group') return set(node.nodes, setting)
  if (node.kind === 'script') return scripted(node, setting)
  return called(node.name, node.args, setting)
}

function signOf(text: string, setting: Setting): string {
  const sign = text.startsWith('\\') ? text.slice(1) : text
  if (/^[([{]$/.test(sign)) setting.depth++
  if (/^[)\]}]$/.test(sign)) setting.depth--
  // \, and its like are blanks, \\ an end of line
  if (/^\\[,;:! \\]$/.test(text)) return text === '\\!' ? '' : ' '
  return sign === '~' ? ' ' : sign === '|' && text === '\\|' ? '‖' : sign
}

function called(name: string, args: readonly (readonly Node[])[], setting: Setting): string {
  const [first, second] = args
  if (/frac$/.test(name)) return `${bracketed(first, setting)} / ${bracketed(second, setting)}`
  if (name === 'sqrt') return `√${atom(set(first, { ...setting, depth: 1 }))}`
  const inner = set(first, setting)
  if (name === 'mathbb') return [...inner].map(doubleOf).join('')
  return inner + (MARKS.get(name) ?? '')
}

/** Above or below a fraction's line: in brackets where + or − would tear it apart. */
function bracketed(nodes: readonly Node[], setting: Setting): string {
  const text = set(nodes, { ...setting })
  return splits(nodes) ? `(${text.trim()})` : text.trim()
}

/** Whether an operation stands outside of all brackets. */
function splits(nodes: readonly Node[]): boolean {
  let depth = 0
  return nodes.some((node) => {
    if (node.kind === 'sign')
      depth += /^\\?[([{]$/.test(node.text) ? 1 : /^\\?[)\]}]$/.test(node.text) ? -1 : 0
    return (
      (depth === 0 && operationOf(node) !== undefined) ||
      (node.kind === 'call' && /frac$/.test(node.name))
    )
  })
}

/** A text as it is where it is one thing, else in brackets. */
const atom = (text: string): string =>
  /^[\p{L}\p{N}\p{M}_.]*$/u.test(text) || /^\([^()]*\)$/.test(text) ? text : `(${text})`

function scripted({ base, sub, sup }: Extract<Node, { kind: 'script' }>, setting: Setting): string {
  const inScript = (nodes: readonly Node[]): string => set(nodes, { depth: 1, script: true })
  const below = sub ? placed(inScript(sub), BELOW, '_') : ''
  const above = sup ? placed(inScript(sup), ABOVE, '^') : ''
  return (base ? one(base, setting) : '') + below + above
}

/** A script in signs of its own where there are all of them, else after _ or ^. */
function placed(text: string, signs: ReadonlyMap<string, string>, mark: string): string {
  const all = [...text].map((sign) => signs.get(sign))
  if (all.every((sign) => sign !== undefined)) return all.join('')
  return /^[\p{L}\p{N}]′*$/u.test(text) ? mark + text : `${mark}(${text})`
}
