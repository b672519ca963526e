import { t } from '../words/words.ts'
import corpus from './corpus.packed'
import en from './en.packed'
import fr from './fr.packed'
import model from './model.packed'

const addresses = { corpus, model, fr, en }

/** A model that ships: that of the built-in text, of French novels, or of English ones. */
export type ShippedModel = 'model' | 'fr' | 'en'

/** Models of novels that this page has: none where it is one file. */
export const modelsOfNovels = document.querySelector('script[data-file]')
  ? []
  : (['fr', 'en'] as const)

/**
 * What ships with the page: it stands in the page itself where that is one file, else beside it.
 *
 * @throws {Error} where it did not arrive
 */
export async function shipped(name: keyof typeof addresses): Promise<Uint8Array> {
  const within = document.querySelector(`script[data-file="${name}"]`)?.textContent
  const deflated = within ? new Blob([bytesOf(within)]).stream() : await fetched(addresses[name])
  return new Uint8Array(
    await new Response(deflated.pipeThrough(new DecompressionStream('deflate-raw'))).arrayBuffer(),
  )
}

const bytesOf = (base64: string) => Uint8Array.from(atob(base64), (sign) => sign.charCodeAt(0))

async function fetched(address: string): Promise<ReadableStream<Uint8Array<ArrayBuffer>>> {
  const { ok, body } = await fetch(address).catch(() => ({ ok: false, body: null }))
  if (!ok || !body) throw new Error(t().page.notArrived)
  return body
}
