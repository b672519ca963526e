'use client'
import { useEffect } from 'react'
import { run } from '../run.js'

export function Client() {
  useEffect(() => {
    globalThis.answers ??= run()
  }, [])
  return null
}
