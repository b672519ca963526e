export { type BatchGradients, sumGradients } from './gradients.ts'
export { moveAll } from './move.ts'
export { adamW, sgd } from './optimizer.ts'
export type { MoveOptions } from './train-options.ts'
