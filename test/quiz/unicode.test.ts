import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { unicodeOf, unicodeText } from '../../src/quiz/unicode.ts'

describe('a formula in Unicode', () => {
  test.each([
    [
      String.raw`A(q^3, \{k^t, v^t\}) = \sum_t \frac{\exp(q^3 \cdot k^t / \sqrt{d_k})}{\sum_{t'} \exp(q^3 \cdot k^{t'} / \sqrt{d_k})} \cdot v^t`,
      'A(q³, {kᵗ, vᵗ}) = Σₜ exp(q³·kᵗ/√d_k) / Σₜ′ exp(q³·kᵗ′/√d_k) · vᵗ',
    ],
    [String.raw`q^t = W_Q^\top X^t \in \mathbb{R}^{d_q}`, 'qᵗ = W_Qᵀ Xᵗ ∈ ℝ^(d_q)'],
    [String.raw`W_Q \in \mathbb{R}^{D \times d_q}`, 'W_Q ∈ ℝ^(D×d_q)'],
    [String.raw`\{q^t\}_{1 \le t \le T}`, '{qᵗ}_(1≤t≤T)'],
    [String.raw`(N, T, D) \to (N, T, d_v)`, '(N, T, D) → (N, T, d_v)'],
    ['D(d_q + d_k + d_v)', 'D(d_q + d_k + d_v)'],
    [String.raw`\alpha_1 \ne \alpha_T`, 'α₁ ≠ α_T'],
    [String.raw`\sigma(x) = \frac{1}{1 + e^{-x}}`, 'σ(x) = 1 / (1 + e⁻ˣ)'],
    [String.raw`\frac{a + b}{\frac{c}{d}}`, '(a + b) / (c / d)'],
    [String.raw`\sqrt{a + b} + \sqrt 2`, '√(a + b) + √2'],
    ['-x + -1 = (-1)', '−x + −1 = (−1)'],
    [String.raw`10^{-7} < x_i^2 \leq f''(x)`, '10⁻⁷ < xᵢ² ≤ f′′(x)'],
    [String.raw`\mathbb{E}[X], \|x\|, 50\%`, '𝔼[X], ‖x‖, 50%'],
    [String.raw`\text{softmax}(QK^\top/\sqrt{d_k})V`, 'softmax(QKᵀ/√d_k)V'],
    [String.raw`\hat y \approx \mathrm{Tom}`, 'ŷ ≈ Tom'],
    [String.raw`\entmax{x} + \foo`, 'entmax x + foo'],
    [
      String.raw`\partial L / \partial S_j = A_j (\partial L / \partial A_j - m)`,
      '∂L / ∂Sⱼ = Aⱼ (∂L/∂Aⱼ − m)',
    ],
    [String.raw`A^\top \, \partial {L}, \nabla f`, 'Aᵀ ∂L, ∇f'],
    ['', ''],
  ])('%s is %s', (tex, expected) => {
    expect(unicodeOf(tex)).toBe(expected)
  })

  test('is there for anything between dollars, in one line without backslashes or braces of groups', () => {
    const piece = fc.constantFrom(
      '{',
      '}',
      '^',
      '_',
      '\\frac',
      '\\sqrt',
      '\\sum',
      '\\alpha',
      '\\{',
      'x',
      ' ',
      "'",
      '+',
      '\\unknown',
      '(',
      ')',
      '/',
    )
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join('')),
        (tex) => {
          const found = unicodeOf(tex).normalize('NFKD')
          expect(found).not.toMatch(/\\|\n|^ | $/)
          if (tex.includes('\\unknown')) expect(found).toContain('unknown')
        },
      ),
      { seed: 7, numRuns: 2000 },
    )
  })

  test('is there for braces a hundred thousand deep', () => {
    expect(() => unicodeOf('{'.repeat(100_000))).not.toThrow()
  })
})

test('prose around formulas stays as it is', () => {
  expect(unicodeText(String.raw`With $d_q = d_k$, it costs \$3 {or} a\_b.`)).toBe(
    String.raw`With d_q = d_k, it costs $3 {or} a\_b.`,
  )
})
