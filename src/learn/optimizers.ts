export { type BatchGradients, sumGradients } from './gradients.ts'
export { adamW, sgd } from './optimizer.ts'
