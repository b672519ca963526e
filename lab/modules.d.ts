declare module '*.css'

declare module '*.tex' {
  const formula: import('./build/formulas.ts').MathNode
  export default formula
}
