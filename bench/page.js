import { pageFiles } from '../dist/cli/lab/page.js'
import { serve } from '../dist/cli/lab/server.js'
import { learning } from './page/learning.js'
import { movement } from './page/movement.js'
import { launch } from './page/phone.js'
import { touch } from './page/touch.js'

// How fast the page is on a phone, as Chrome's own tools emulate one. `node bench/page.js` after
// `npm run build`; with a word after it, `touch`, `learning` or `movement` alone, and after
// `movement` the movements whose names have a word, such as `needle`.

const BENCHES = { touch, learning, movement }
const [only, word] = process.argv.slice(2)
if (only && !(only in BENCHES))
  throw new Error(`bench: there is no ${only}; name one of ${Object.keys(BENCHES).join(', ')}`)

const site = await serve(await pageFiles(), 0)
const browser = await launch()
try {
  for (const [name, bench] of Object.entries(BENCHES))
    if (!only || only === name) await bench(browser, site.address, console.log, word)
} finally {
  await browser.close()
  await site.close()
}
