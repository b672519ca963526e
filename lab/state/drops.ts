import { signal } from '@preact/signals'

/** Why a file that was dropped was not taken. */
export const notTaken = signal('')

const hasFiles = ({ dataTransfer }: DragEvent): boolean =>
  dataTransfer?.types.includes('Files') ?? false

/** A field for files takes what is dropped on it by itself. */
const ofPage = (event: DragEvent): boolean =>
  hasFiles(event) && !(event.target as Element).closest?.('input[type=file]')

function over(event: DragEvent): void {
  if (!ofPage(event)) return
  event.preventDefault()
  document.documentElement.toggleAttribute('data-drop', true)
}

const away = (): void => void document.documentElement.toggleAttribute('data-drop', false)

/** A browser would leave the page for the file. */
async function drop(event: DragEvent, take: Taker): Promise<void> {
  away()
  if (!ofPage(event)) return
  event.preventDefault()
  const files = [...(event.dataTransfer?.files ?? [])]
  if (!files.length) return
  try {
    await take(files)
    notTaken.value = ''
  } catch (error) {
    notTaken.value = (error as Error).message
  }
}

/** What reads the files. @throws {Error} for files that it does not take */
type Taker = (files: readonly File[]) => Promise<void>

/** Takes files that are dropped anywhere on the page. */
export function watchDrops(take: Taker): () => void {
  const stop = new AbortController()
  const { signal } = stop
  addEventListener('dragover', over, { signal })
  addEventListener('dragleave', (event) => event.relatedTarget === null && away(), { signal })
  addEventListener('drop', (event) => void drop(event, take), { signal })
  return () => stop.abort()
}
