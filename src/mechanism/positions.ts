export { learned, none, relative, rotary, sinusoidal } from './position.ts'
