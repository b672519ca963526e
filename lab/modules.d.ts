declare module '*.css'

declare module '*.css?raw' {
  const text: string
  export default text
}

declare module '*.tex' {
  const formula: import('./build/formulas.ts').MathNode
  export default formula
}

declare module '*.packed' {
  const address: string
  export default address
}

declare module '*.formulas' {
  const formulas: Readonly<Record<string, import('./build/formulas.ts').MathNode>>
  export default formulas
}

declare module '*?address' {
  const address: string
  export default address
}
