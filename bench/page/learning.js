import { strictEqual } from 'node:assert'
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { learn, Sha256 } from '../../dist/doors/internal.js'
import { middle, onPhone } from './phone.js'

// Learning the built-in texts: the page's worker learns, and the page, four times slower, draws
// curves, map and bars.

const RUNS = 3
const CORPUS = fileURLToPath(new URL('../../corpus/', import.meta.url))

/** The hash of what the library learns from the same texts, with what the page says beside. */
async function expectedHash() {
  const names = readdirSync(CORPUS).filter((name) => name.endsWith('.txt'))
  const texts = names
    .sort()
    .map((name) => ({ name, stream: [readFileSync(CORPUS + name, 'utf8')] }))
  const questions = {
    name: 'questions.tsv',
    stream: [readFileSync(`${CORPUS}questions.tsv`, 'utf8')],
  }
  const model = await learn(texts, {
    seed: 7,
    embedding: 'seen',
    tokens: 'words',
    position: 'relative:12',
    questions,
  })
  const hash = new Sha256().update(await model.bytes()).digest()
  await model.device.close()
  return hash
}

/** In the page: every task of more than 50 ms, from now on. */
function watch() {
  window.tasks = []
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) window.tasks.push(duration)
  }).observe({ type: 'longtask' })
}

function run(browser, address, hash) {
  return onPhone(browser, {}, async (page) => {
    await page.goto(`${address}#view=learn`)
    await page.locator('.view.learn .button.main').waitFor()
    await page.evaluate(watch)
    const began = performance.now()
    await page.locator('.view.learn .button.main').click()
    const shown = await page.locator('.hash').innerText({ timeout: 300_000 })
    const seconds = (performance.now() - began) / 1000
    strictEqual(shown, hash)
    return { seconds, tasks: await page.evaluate(() => window.tasks) }
  })
}

/** Seconds of learning, and tasks of the page's thread that were long. */
export async function learning(browser, address, print) {
  const hash = await expectedHash()
  const runs = []
  for (let n = 0; n < RUNS; n++) runs.push(await run(browser, address, hash))
  const seconds = runs.map((one) => one.seconds)
  const longest = runs.map(({ tasks }) => Math.max(0, ...tasks))
  // Chrome slows a page's own thread and not its workers
  print(
    `learning: ${middle(seconds).toFixed(1)} s, worst ${Math.max(...seconds).toFixed(1)}; four times that is ${(4 * middle(seconds)).toFixed(0)} s`,
  )
  print(
    `while it learns: ${middle(runs.map(({ tasks }) => tasks.length))} tasks above 50 ms, longest ${middle(longest).toFixed(0)} ms, worst ${Math.max(...longest).toFixed(0)}`,
  )
}
