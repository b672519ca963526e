import type { Line } from '../../doors/internal.ts'

/** What a file is that holds no text as it stands, and how to come by its text. */
export interface Foreign {
  readonly title: string
  readonly remedy: string
}

type Signature = readonly [begins: RegExp, title: string, remedy: string]

const OFFICE = 'save it as plain text, such as with: soffice --headless --convert-to txt:Text FILE'
const PANDOC = 'make plain text of it, such as with: pandoc -t plain FILE'
const PICTURE = 'read its text first, such as with: tesseract FILE out'
const UNPACK = 'unpack it, and name its files or their folder'
const AS_IT_STANDS = '--input text reads it as it stands'

/** Beginnings of files as Latin-1, a dot · for each control character; the first that fits holds. */
const SIGNATURES: readonly Signature[] = [
  [/^%PDF-/, 'PDF', 'take its text first, such as with: pdftotext FILE'],
  [/^PK··.{26}mimetypeapplication\/epub/, 'EPUB', PANDOC],
  [/^PK··.{26}mimetypeapplication\/vnd\.oasis/, 'an OpenDocument file', OFFICE],
  [
    /^PK··.{26}(?:\[Content_Types\]|_rels\/|docProps\/|word\/|xl\/|ppt\/)/,
    'an Office document',
    OFFICE,
  ],
  [/^PK··/, 'a zip archive', UNPACK],
  [/^7z¼¯'·/, 'a 7z archive', UNPACK],
  [/^Rar!··/, 'a RAR archive', UNPACK],
  [/^.{257}ustar[· ]/, 'a tar archive', UNPACK],
  [/^BZh[1-9]1AY&SY/, 'compressed by bzip2', 'unpack it, such as with: bunzip2 FILE'],
  [/^ý7zXZ·/, 'compressed by xz', 'unpack it, such as with: unxz FILE'],
  [/^\(µ\/ý/, 'compressed by zstd', 'unpack it, such as with: unzstd FILE'],
  [/^ÐÏ·à¡±·á/, 'an old Office document', OFFICE],
  [/^SQLite format 3·/, 'an SQLite database', 'take its texts first, with sqlite3 -csv'],
  [/^(?:·PNG|GIF8[79]a|ÿØÿ|II\*·|MM·\*|RIFF....WEBP|AT&TFORM)/, 'an image', PICTURE],
  [/^(?:ID3·|OggS·|fLaC·|RIFF....WAVE)/, 'sound', 'write down what it says'],
  [/^(?:ÿþ··|··þÿ)/, 'UTF-32', 'convert it: iconv -f UTF-32 -t UTF-8 FILE'],
]

/** Beginnings of texts that hold more marks than text. */
const MARKUP: readonly Signature[] = [
  [/^\{\\rtf/, 'RTF', `${OFFICE}; ${AS_IT_STANDS}`],
  [
    /^\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:(?:!doctype\s+)?html|head|body)[\s>]/is,
    'HTML',
    `${PANDOC}; ${AS_IT_STANDS}`,
  ],
  [
    // declared, with a namespace, or an element of elements to the end
    /^\s*<(?:(?:\?xml|!DOCTYPE)\s|\w[^<>]*\s(?:xmlns|xml:\w+|xsi:\w+)\b|([\w.:-]+)[^<>]*>\s*<\w.*<\/\1>\s*$)/s,
    'XML, but not TEI',
    `take its text first, such as with: xmllint --xpath 'string(/)' FILE; ${AS_IT_STANDS}`,
  ],
]

function foreignIn(text: string, table: readonly Signature[]): Foreign | undefined {
  const row = table.find(([begins]) => begins.test(text))
  return row && { title: row[1], remedy: row[2] }
}

/** What bytes are that hold no text, by the first of them. */
export function foreignBytes(bytes: Uint8Array): Foreign | undefined {
  const begins = Buffer.from(bytes.subarray(0, 300)).toString('latin1')
  const known = foreignIn(begins.replace(/\p{Cc}/gu, '·'), SIGNATURES)
  if (known || !bytes.includes(0) || isUtf8(bytes)) return known
  return { title: 'binary data', remedy: 'name a text' }
}

/** Whether bytes are UTF-8, but for a character that may not be whole at their end. */
export function isUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true })
    return true
  } catch {
    return false
  }
}

/** What a text is in that is not read here, by its first lines. */
export function foreignMarkup(lines: readonly Line[]): Foreign | undefined {
  return foreignIn(lines.map(({ text }) => text).join('\n'), MARKUP)
}
