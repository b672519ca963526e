import deflated from './built-in.corpus'

/** The text that ships with the package. */
export interface BuiltIn {
  readonly texts: readonly { readonly name: string; readonly text: string }[]
  readonly questions: string
  readonly senses: string
}

/** Unpacks the text that ships. */
export async function builtInText(): Promise<BuiltIn> {
  const bytes = Uint8Array.from(atob(deflated), (sign) => sign.charCodeAt(0))
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate-raw'))
  const files = (await new Response(stream).json()) as [name: string, text: string][]
  const table = new Map(files)
  const texts = files.filter(([name]) => name.endsWith('.txt')).map(([name, text]) => ({ name, text }))
  return { texts, questions: table.get('questions.tsv') ?? '', senses: table.get('senses.tsv') ?? '' }
}
