/** Names that HTML gives to the signs from U+00A0 to U+00FF, in their order. */
const LATIN = (
  'nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg macr deg plusmn sup2 sup3 acute micro para middot cedil ' +
  'sup1 ordm raquo frac14 frac12 frac34 iquest Agrave Aacute Acirc Atilde Auml Aring AElig Ccedil Egrave Eacute Ecirc Euml Igrave Iacute ' +
  'Icirc Iuml ETH Ntilde Ograve Oacute Ocirc Otilde Ouml times Oslash Ugrave Uacute Ucirc Uuml Yacute THORN szlig agrave aacute acirc ' +
  'atilde auml aring aelig ccedil egrave eacute ecirc euml igrave iacute icirc iuml eth ntilde ograve oacute ocirc otilde ouml divide ' +
  'oslash ugrave uacute ucirc uuml yacute thorn yuml'
).split(' ')

/** Names of other signs that texts of questions have, each with its sign. */
const OTHERS =
  'amp & lt < gt > quot " apos \' OElig Œ oelig œ hellip … ndash – mdash — euro € bull • lsquo ‘ rsquo ’ ldquo “ rdquo ” larr ← ' +
  'rarr → harr ↔ minus − infin ∞ le ≤ ge ≥ ne ≠ alpha α beta β gamma γ delta δ epsilon ε theta θ lambda λ mu μ pi π sigma σ ' +
  'sum ∑ radic √ isin ∈ thinsp \u2009 ensp \u2002 emsp \u2003 zwj \u200d zwnj \u200c lrm \u200e rlm \u200f'

const SIGNS: ReadonlyMap<string, string> = new Map([
  ...LATIN.map((name, n): [string, string] => [name, String.fromCharCode(0xa0 + n)]),
  ...[...OTHERS.matchAll(/(\w+) (.)/gu)].map(([, name, sign]): [string, string] => [name, sign]),
])

/** The sign that HTML calls by a name; undefined for a name that is not known here. */
export const signNamed = (name: string): string | undefined => SIGNS.get(name)
