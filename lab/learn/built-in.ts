/** The text that ships with the package, deflated: the worker unpacks it. */
export { default as packed } from './built-in.corpus'
