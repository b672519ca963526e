import { beforeEach, describe, expect, test } from 'vitest'
import { turned } from '../../lab/needle/plane.ts'
import { addressOf, beginAgain, readAddress, refused } from '../../lab/state/address.ts'
import { config, tokens } from '../../lab/state/layer.ts'
import { asking, locked, previewed, toggle } from '../../lab/state/selection.ts'
import { settings } from '../../lab/state/settings.ts'
import { decimal, difference, distinct, lowered, raised } from '../../lab/words/words.ts'
import { Gate } from '../../lab/worker/pace.ts'
import { twinsIn, watchedOf } from '../../lab/worker/watched.ts'

// The parts of the page that need no page.

beforeEach(() => readAddress('', ''))

describe('what is watched while a model learns', () => {
  test('is the first word that stands twice, no sign', () => {
    expect(twinsIn(['«', 'a', ',', 'été', ',', 'la', 'été', 'a', '»'])).toEqual([1, 7])
    expect(twinsIn([',', 'a', ',', 'b'])).toBeUndefined()
  })

  test('without twins is every word of the sentence', () => {
    expect(watchedOf(['a', 'b'], ['a b'], undefined).occurrences.map(({ at }) => at)).toEqual([
      0, 1,
    ])
  })

  test('is the twins, then occurrences of their word in the text, 120 at most and evenly spread', () => {
    const text = Array.from({ length: 400 }, (_, n) => `mot${n} été`).join('\n')
    const { occurrences } = watchedOf(['été', 'et', 'été'], [text], undefined)
    expect(occurrences.slice(0, 2).map(({ at }) => at)).toEqual([0, 2])
    const others = occurrences.slice(2).map(({ tokens }) => Number(tokens[0].slice(3)))
    expect(others).toHaveLength(120)
    const gaps = others.slice(1).map((n, k) => n - others[k])
    expect([Math.min(...gaps), Math.max(...gaps)]).toEqual([3, 4])
    expect(
      watchedOf(['été', 'et', 'été'], ['un été\nété\nrien'], undefined).occurrences,
    ).toHaveLength(4)
  })

  test('is the labelled occurrences where there are some, with their senses', () => {
    const table =
      'word\tlanguage\tsense\tsentence\nété\tfr\tsummer\tcet été\nété\tfr\tbeen\til a été là\nmer\tfr\tsea\tla mer'
    const { occurrences } = watchedOf(['été', 'et', 'été'], ['un été'], table)
    expect(occurrences.slice(2).map(({ at, sense }) => [at, sense])).toEqual([
      [1, 'summer'],
      [2, 'been'],
    ])
  })
})

describe('the state in the address', () => {
  test.each([
    ...[
      'seed=2147483648',
      'seed=-1',
      'seed=1.5',
      'heads=0',
      'heads=9',
      'width=33',
      'word=0',
      'word=1,1',
      'word=1,2,3',
      'word=x',
    ],
    ...[
      'needle=x',
      'needle=',
      'as=picture',
      'alignment=cubic',
      'mask=none',
      'edit=W_Q.1:2',
      'edit=Y.1.1:2',
    ],
  ])('%s is refused, and all stays as it began', (state) => {
    readAddress('', state)
    expect(refused.value).toHaveLength(1)
    expect(refused.value[0]).toContain(state.split('=')[0])
    expect(addressOf()).toBe('')
  })

  test.each([
    ...[
      'seed=2147483647',
      'heads=8',
      'width=32',
      'word=',
      'word=6,1',
      'order=2,1,3',
      'needle=-120.5',
      'alignment=additive:5',
      'bare',
    ],
    ...[
      'text=le+chat:+o%C3%B9%3F',
      'edit=W_Q.1.2:0.5;X.3.1:-2',
      'distribution=entmax:1.35',
      'hide=doors,theme',
      'all',
      'position=rotary&word=1',
    ],
  ])('%s is read and written as it is', (state) => {
    readAddress('', state)
    expect(refused.value).toEqual([])
    expect(new Set(addressOf().split('&'))).toEqual(new Set(state.split('&')))
  })

  test('has no text that is too long, and no line end in one', () => {
    readAddress('', `question=${'a'.repeat(301)}&text=un%0Amot`)
    expect(refused.value).toEqual(['question has at most 300 characters, got 301'])
    expect(addressOf()).toBe('text=un+mot')
  })

  test('begins again but for the reader’s own view, language and colours', () => {
    const own = 'view=needle&lang=fr&theme=dark&hide=doors&bare'
    readAddress('', `${own}&seed=9&word=6&position=rotary&item=3&edit=X.1.1:2`)
    beginAgain()
    expect(new Set(addressOf().split('&'))).toEqual(new Set(own.split('&')))
  })

  test('is the form of the layer', () => {
    readAddress(
      '',
      'alignment=dot&distribution=sparsemax&mask=causal&position=rotary&width=6&query=2&key=2&value=3&heads=2&seed=5',
    )
    const { alignment, distribution, mask, position, ...sizes } = config.value
    expect([alignment, distribution, mask, position].map(({ name }) => name)).toEqual([
      'dot',
      'sparsemax',
      'causal',
      'rotary',
    ])
    expect(sizes).toEqual({ dModel: 6, dQuery: 2, dKey: 2, dValue: 3, heads: 2, seed: 5 })
    settings.text.state.value = Array.from({ length: 70 }, (_, n) => `w${n}`).join(' ')
    expect(tokens.value).toHaveLength(64)
  })
})

describe('words that ask', () => {
  test('are two at most: a third takes the place of the older, and one that asks is freed', () => {
    readAddress('', 'word=')
    for (const [place, expected] of [
      [3, [3]],
      [1, [3, 1]],
      [5, [1, 5]],
      [1, [5]],
      [5, []],
    ] as const) {
      toggle(place)
      expect(settings.word.state.value).toEqual(expected)
    }
  })

  test('are the one under the pointer alone, and the locked ones that there are otherwise', () => {
    readAddress('', 'word=2,9')
    expect(locked.value).toEqual([1])
    previewed.value = 4
    expect(asking.value).toEqual([4])
    previewed.value = 1
    expect(asking.value).toEqual([1])
    previewed.value = undefined
  })
})

describe('the gate of a learning', () => {
  const isOpen = async (gate: Gate): Promise<boolean> => {
    let open = false
    void gate.pass().then(() => {
      open = true
    })
    await new Promise((resolve) => setTimeout(resolve))
    return open
  }

  test('lets one report through at a step, all on go, none at a pause, until told', async () => {
    const gate = new Gate('step', new AbortController().signal)
    expect(await isOpen(gate)).toBe(true)
    gate.stepped()
    expect(await isOpen(gate)).toBe(false)
    gate.set('go')
    gate.stepped()
    expect(await isOpen(gate)).toBe(true)
    gate.set('pause')
    const waiting = gate.pass()
    gate.set('step')
    await waiting
  })

  test('opens for good where it is aborted', async () => {
    const stop = new AbortController()
    const gate = new Gate('pause', stop.signal)
    const waiting = gate.pass()
    stop.abort()
    await waiting
    gate.stepped()
    expect(await isOpen(gate)).toBe(true)
  })
})

describe('numbers as people read them', () => {
  test.each([
    [0.474, 'en', '0.47'],
    [0.474, 'fr', '0,47'],
    [-0.476, 'en', '−0.48'],
    [-0.001, 'en', '0.00'],
    [Number.POSITIVE_INFINITY, 'en', '∞'],
    [Number.NEGATIVE_INFINITY, 'fr', '−∞'],
    [Number.NaN, 'en', 'NaN'],
  ] as const)('%d in %s: %s', (value, lang, expected) => {
    settings.lang.state.value = lang
    expect(decimal(value)).toBe(expected)
  })

  test('differences: 0 only where there is none, small ones by their power of ten', () => {
    settings.lang.state.value = 'en'
    expect([0, 1.23e-16, 0.0099, 0.01, 2.5].map(difference)).toEqual([
      '0',
      '1.2 · 10⁻¹⁶',
      '9.9 · 10⁻³',
      '0.01',
      '2.50',
    ])
    expect([raised(-17), lowered(203)]).toEqual(['⁻¹⁷', '₂₀₃'])
  })

  test('words that stand more than once have their numbers', () => {
    const words = ['été', 'a', 'été', 'été']
    expect(words.map((_, place) => distinct(words, place))).toEqual(['été₁', 'a', 'été₂', 'été₃'])
  })

  test('directions lie between −180 and 180 degrees', () => {
    expect([0, 179.6, 180, 190, -190, 540, -540, 359.4].map(turned)).toEqual([
      0, -180, -180, -170, 170, -180, -180, -1,
    ])
  })
})
