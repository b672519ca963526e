import { signal } from '@preact/signals'
import { findPlatform, nameAsWritten, type PlatformApi } from './platform.ts'

/** What a quiz tells. */
export interface Report {
  readonly name: string
  readonly points: number
  /** Points at most; 0 where nothing is scored. */
  readonly of: number
  /** Whether it was handed in. */
  readonly finished: boolean
}

/** What became of the last report; `none` without a platform, or before the first. */
export const reported = signal<'none' | 'taken' | 'refused'>('none')

let api: PlatformApi | undefined
let learner = ''
let isSought = false

/**
 * Finds the learning platform in whose window the page stands, if any, and tells it that the
 * learner is here.
 */
export function connect(): void {
  if (isSought) return
  isSought = true
  api = findPlatform(window)
  if (!api) return
  api.LMSInitialize('')
  learner = nameAsWritten(api.LMSGetValue('cmi.core.student_name'))
  // what was completed before stays so
  const status = api.LMSGetValue('cmi.core.lesson_status')
  if (['', 'not attempted', 'browsed'].includes(status))
    set(api, { 'cmi.core.lesson_status': 'incomplete' })
  addEventListener('pagehide', disconnect)
}

function disconnect(): void {
  api?.LMSFinish('')
  api = undefined
  isSought = false
  removeEventListener('pagehide', disconnect)
}

/** The learner's name as the platform knows it; empty where it tells none. */
export function learnerName(): string {
  connect()
  return learner
}

/**
 * Tells the platform name and score, where there is one: the share in hundredths, as SCORM 1.2
 * wants it, and the points as they are.
 */
export function report({ name, points, of, finished }: Report): void {
  connect()
  if (!api) return
  const score = {
    'cmi.core.score.min': '0',
    'cmi.core.score.max': '100',
    'cmi.core.score.raw': String(Math.round((1e4 * points) / of) / 100),
  }
  const isTaken = set(api, {
    ...(of > 0 ? score : {}),
    'cmi.suspend_data': JSON.stringify({ name, points, of }),
    'cmi.core.lesson_status': finished ? 'completed' : 'incomplete',
  })
  reported.value = isTaken ? 'taken' : 'refused'
}

/** Sets values, and has them kept. Returns whether all were taken. */
function set(platform: PlatformApi, values: Readonly<Record<string, string>>): boolean {
  const taken = Object.entries(values).map(([name, value]) =>
    isDone(platform.LMSSetValue(name, value)),
  )
  return isDone(platform.LMSCommit('')) && taken.every(Boolean)
}

/** Platforms give texts, some truth values. */
const isDone = (answer: unknown): boolean => String(answer) === 'true'
