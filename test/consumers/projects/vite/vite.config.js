export default { base: './', build: { outDir: 'out' }, worker: { format: 'es' } }
