export const metadata = { title: 'regard', icons: 'data:,' }

export default ({ children }) => (
  <html lang="en">
    <body>{children}</body>
  </html>
)
