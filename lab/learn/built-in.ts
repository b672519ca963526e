import { shipped } from '../shipped/shipped.ts'

/** The text that ships with the package. */
export interface BuiltIn {
  readonly texts: readonly { readonly name: string; readonly text: string }[]
  readonly questions: string
  readonly senses: string
}

/** Unpacks the text that ships. */
export async function builtInText(): Promise<BuiltIn> {
  const files = JSON.parse(new TextDecoder().decode(await shipped('corpus'))) as [name: string, text: string][]
  const table = new Map(files)
  const texts = files.filter(([name]) => name.endsWith('.txt')).map(([name, text]) => ({ name, text }))
  return { texts, questions: table.get('questions.tsv') ?? '', senses: table.get('senses.tsv') ?? '' }
}
