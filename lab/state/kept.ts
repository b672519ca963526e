import { Sha256 } from 'regard/internal'

/**
 * What the browser keeps for this page. From a disk, or where it is refused, nothing is kept, and
 * all else works.
 */
export function kept(key: string): string | undefined {
  try {
    return localStorage.getItem(key) ?? undefined
  } catch {
    return undefined
  }
}

/** Keeps a text; returns whether it is kept. */
export function keep(key: string, text: string): boolean {
  try {
    localStorage.setItem(key, text)
    return true
  } catch {
    return false
  }
}

export function forget(key: string): void {
  try {
    localStorage.removeItem(key)
  } catch {
    // nothing was kept
  }
}

/** A short name of a text, by its SHA-256. */
export const fingerprint = (text: string): string =>
  new Sha256().update(new TextEncoder().encode(text)).digest().slice(0, 16)
