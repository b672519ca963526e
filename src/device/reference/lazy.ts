// what openDevice loads by import(): a module that nothing else imports, so that bundlers can part
// it from what regard/wasm imports
export { ReferenceDevice } from '../reference.ts'
