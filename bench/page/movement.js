import { amountsOf, needleOf, TEXT } from './numbers.js'
import { middle, onPhone } from './phone.js'

// Frames a second while a sentence of 64 words moves: each frame has other weights, or another word
// that asks, and is drawn anew.

const RUNS = 5
const MILLISECONDS = 3000
/** What is out of sight follows within it, on a machine that has other work too. */
const REST = 5000

/**
 * In the page: from now on counts frames, and those in which what is watched is new. `step` moves
 * what no pointer does.
 */
function count({ watched, milliseconds, step }) {
  const texts = () =>
    [...document.querySelectorAll(watched)]
      .slice(0, 8)
      .map((one) => one.textContent + (one.getAttribute('cx') ?? ''))
  const field = step && document.querySelector('input[name=seed]')
  return new Promise((resolve) => {
    const times = []
    let [seen, fresh] = ['', 0]
    const frame = (time) => {
      const now = texts().join()
      if (now !== seen) fresh++
      seen = now
      times.push(time)
      if (time - times[0] >= milliseconds) return resolve({ fresh: fresh - 1, times })
      if (field) {
        field.value = String(Number(field.value) + 1)
        field.dispatchEvent(new Event('input', { bubbles: true }))
      }
      requestAnimationFrame(frame)
    }
    requestAnimationFrame(frame)
  })
}

/** Words of the sentence that are on screen: the middle of each. */
const placesOf = (page) =>
  page.locator('.word-column').evaluateAll((words) =>
    words
      .map((word) => word.getBoundingClientRect())
      .filter(({ top, bottom }) => top > 0 && bottom < innerHeight)
      .map(({ x, y, width, height }) => [x + width / 2, y + height / 2]),
  )

/**
 * Sends the pointer to one place after another until the work is done; each is answered when the
 * page has taken it, once a frame.
 */
async function pointing(work, send) {
  let done = false
  const counted = work.finally(() => {
    done = true
  })
  for (let n = 1; !done; n++) await send(n)
  return counted
}

async function hover(page, chrome, counted) {
  const places = await placesOf(page)
  if (places.length < 6) throw new Error(`bench: only ${places.length} words are on screen`)
  return pointing(counted(), (n) => {
    const [x, y] = places[n % places.length]
    return chrome.send('Input.dispatchMouseEvent', { type: 'mouseMoved', x, y })
  })
}

async function drag(page, chrome, counted) {
  await page.locator('.dial').scrollIntoViewIfNeeded()
  const box = await page.locator('.dial').boundingBox()
  const at = (n) => ({
    x: box.x + box.width / 2 + 90 * Math.cos(n / 15),
    y: box.y + box.height / 2 + 90 * Math.sin(n / 15),
  })
  const touch = (type, points) =>
    chrome.send('Input.dispatchTouchEvent', { type, touchPoints: points })
  await touch('touchStart', [at(0)])
  const result = await pointing(counted(), (n) => touch('touchMove', [at(n)]))
  await touch('touchEnd', [])
  return result
}

/** Waits until a check holds. @throws what it throws where it never does */
async function rested(check) {
  for (const end = performance.now() + REST; ; ) {
    try {
      return await check()
    } catch (error) {
      if (performance.now() > end) throw error
      await new Promise((resolve) => setTimeout(resolve, 200))
    }
  }
}

const steps = (_page, _chrome, counted) => counted()

/**
 * What moves: its state in the address, what does it, what must be new in a frame, and what numbers
 * must be on screen.
 */
const MOVEMENTS = {
  'needle, dragged': { state: 'view=needle', move: drag, watched: '.handle', check: needleOf },
  'lines, words previewed': { state: 'as=lines', move: hover, watched: '.says', check: amountsOf },
  'grid, words previewed': { state: 'as=grid', move: hover, watched: '.says', check: amountsOf },
  'lines, seed stepped': {
    state: 'as=lines',
    move: steps,
    watched: '.amounts',
    step: true,
    check: amountsOf,
  },
  'grid, seed stepped': {
    state: 'as=grid',
    move: steps,
    watched: '.amounts',
    step: true,
    check: amountsOf,
  },
}

const busyOf = async (chrome) => {
  const { metrics } = await chrome.send('Performance.getMetrics')
  return 1000 * metrics.find(({ name }) => name === 'TaskDuration').value
}

/**
 * One run of one movement, with the numbers on screen compared to the library's before and after.
 */
function run(browser, address, { state, move, watched, step, check }) {
  return onPhone(browser, {}, async (page, chrome) => {
    await page.goto(`${address}#${state}&text=${encodeURIComponent(TEXT)}`)
    await page.locator('.view').waitFor()
    if (step)
      await page
        .locator('details.more')
        .first()
        .evaluate((one) => (one.open = true))
    await check(page)
    await chrome.send('Performance.enable', { timeDomain: 'threadTicks' })
    const busy = await busyOf(chrome)
    const { fresh, times } = await move(page, chrome, () =>
      page.evaluate(count, { watched, milliseconds: MILLISECONDS, step }),
    )
    const spent = (await busyOf(chrome)) - busy
    await check(page, true)
    await rested(() => check(page))
    const seconds = (times.at(-1) - times[0]) / 1000
    return {
      shown: fresh / seconds,
      cost: spent / (times.length - 1),
      frames: (times.length - 1) / seconds,
    }
  })
}

/** Frames a second of each movement. */
export async function movement(browser, address, print, only = '') {
  for (const [name, what] of Object.entries(MOVEMENTS)) {
    if (!name.includes(only)) continue
    const runs = []
    for (let n = 0; n < RUNS; n++) runs.push(await run(browser, address, what))
    const shown = runs.map((one) => one.shown)
    const [median, worst, cost] = [
      middle(shown),
      Math.min(...shown),
      middle(runs.map((one) => one.cost)),
    ]
    print(
      `${name}: ${median.toFixed(0)} frames/s, worst ${worst.toFixed(0)}; ${cost.toFixed(1)} ms of the page’s thread a frame`,
    )
  }
}
