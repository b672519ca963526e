export { adamW, sgd } from './optimizer.ts'
