import { job } from '../job.js'
import { Client } from './client.js'

/**
 * A component of the server, which does the job while the page is built, and one of the browser.
 */
export default async function Page() {
  return (
    <>
      <pre id="server">{JSON.stringify(await job('server.safetensors'))}</pre>
      <Client />
    </>
  )
}
