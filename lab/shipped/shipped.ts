import { t } from '../words/words.ts'
import corpus from './corpus.packed'
import model from './model.packed'

const addresses = { corpus, model }

/** The small model that ships with the page, as the bytes of its file. */
export const shippedModel = (): Promise<Uint8Array> => shipped('model')

/** What ships with the page: it stands in the page itself where that is one file, else beside it. @throws {Error} where it did not arrive */
export async function shipped(name: keyof typeof addresses): Promise<Uint8Array> {
  const within = document.querySelector(`script[data-file="${name}"]`)?.textContent
  const deflated = within ? new Blob([bytesOf(within)]).stream() : await fetched(addresses[name])
  return new Uint8Array(await new Response(deflated.pipeThrough(new DecompressionStream('deflate-raw'))).arrayBuffer())
}

const bytesOf = (base64: string) => Uint8Array.from(atob(base64), (sign) => sign.charCodeAt(0))

async function fetched(address: string): Promise<ReadableStream<Uint8Array<ArrayBuffer>>> {
  const { ok, body } = await fetch(address).catch(() => ({ ok: false, body: null }))
  if (!ok || !body) throw new Error(t().page.notArrived)
  return body
}
