/** The text that ships with the package. */
export interface Shipped {
  readonly texts: readonly { readonly name: string; readonly text: string }[]
  readonly questions: string
  readonly senses: string
}

/** Reads the text that ships. @param bytes names and texts, as JSON */
export function shippedText(bytes: Uint8Array): Shipped {
  const files = JSON.parse(new TextDecoder().decode(bytes)) as [name: string, text: string][]
  const table = new Map(files)
  const texts = files
    .filter(([name]) => name.endsWith('.txt'))
    .map(([name, text]) => ({ name, text }))
  return {
    texts,
    questions: table.get('questions.tsv') ?? '',
    senses: table.get('senses.tsv') ?? '',
  }
}
