/** The content security policy of the page: what it needs and nothing more. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  // its own, and the device's threads
  "worker-src 'self' blob:",
  "base-uri 'none'",
  "form-action 'none'",
]

/** The policy as a page may state it of itself: who may frame it is for a server to say. */
export const PAGE_POLICY = POLICY.join('; ')

/**
 * Headers of every answer: the policy; isolation, so that the device may have threads; types that
 * are not guessed.
 */
export const HEADERS: Readonly<Record<string, string>> = {
  'Content-Security-Policy': `${PAGE_POLICY}; frame-ancestors 'none'`,
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
}
