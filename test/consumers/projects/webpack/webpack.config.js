export default {
  entry: './main.js',
  output: { path: import.meta.dirname, filename: 'out/main.js', chunkFilename: 'out/[name].js' },
  // refuses a comment that names a map that is not there
  module: { rules: [{ test: /\.js$/, enforce: 'pre', use: 'source-map-loader' }] },
}
