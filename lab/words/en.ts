import { teaching } from './teaching.en.ts'

/** The page in English. French has the same keys; sentences with numbers are functions. */
export const en = {
  ...teaching,
  page: {
    skip: 'Skip to the view',
    lead: 'What each word looks at',
    doors: 'Views',
    display: 'Display',
    loading: 'One moment…',
    notLoaded: 'This view did not arrive. Check the connection, then open it again.',
    notArrived: 'A part of the page did not arrive. Check the connection, then try again.',
    refused: 'Not taken from the address:',
    noWords: 'Write a sentence: there is no word to look at yet.',
    table: (caption: string) => `As a table: ${caption}`,
    share: 'Save or share this view',
    tooMany: (most: number) =>
      `Pictures hold ${most} words; the first ${most} are shown. Learning takes longer texts.`,
    tooLong: (longest: string, found: string) =>
      `A sentence has at most ${longest} characters here, got ${found}; nothing was changed.`,
    local: 'Everything is computed in this page; nothing leaves it.',
    more: 'Change the sentence or the layer',
    reset: 'Begin again',
    light: 'Light',
    dark: 'Dark',
    auto: 'System',
    close: 'Close',
  },
  views: {
    look: { door: 'Look', title: 'Look: what each word looks at' },
    needle: { door: 'Needle', title: 'Needle: a query turned by hand' },
    compute: { door: 'Compute', title: 'Compute: number by number' },
    learn: { door: 'Learn', title: 'Learn: two equal words part' },
    ask: { door: 'Ask', title: 'Ask: which word answers?' },
    quiz: { door: 'Quiz', title: 'Quiz: every answer runs' },
    order: { door: 'Order', title: 'Order: does it count?' },
  },
  reporting: {
    taken: 'The learning platform has taken the result.',
    refused: 'The learning platform did not take the result. Save it as a file and hand that in.',
  },
  settings: {
    lang: 'Language',
    theme: 'Colours',
    text: 'Sentence',
    position: 'Positions',
    alignment: 'Alignment',
    distribution: 'Distribution',
    mask: 'Mask',
    width: 'Width D',
    query: 'd_q',
    key: 'd_k',
    value: 'd_v',
    heads: 'Heads',
    head: 'Head',
    seed: 'Seed',
    source: 'Weights of',
    corpus: 'Text',
    question: 'Question',
    quiz: 'Quiz',
    mode: 'Mode',
    positions: 'Positions',
    as: 'Drawn as',
    stage: 'Stage',
  } as Readonly<Record<string, string>>,
  /** Values that are not said as they are written. */
  values: {
    none: 'off',
    sinusoidal: 'sinusoidal',
    everything: 'none',
    causal: 'only what came before',
    'window:1,1': 'neighbours, ±1',
    'window:2,2': 'neighbours, ±2',
    lines: 'Lines',
    grid: 'Grid',
    table: 'Table',
    'built-in': 'built-in',
    own: 'your own',
    'self-attention': 'ten questions',
    extended: 'further questions',
    practice: 'practice',
    test: 'test',
    'relative:12': 'learned, ±12',
    drawn: 'a drawn layer',
    learned: 'what was learned',
    projections: 'Project',
    scores: 'Score',
    weights: 'Weigh',
    context: 'Mix',
    fr: 'Français',
    en: 'English',
  } as Readonly<Record<string, string>>,
  switches: {
    positions: 'Positions',
    on: 'on',
    off: 'off',
  },
  word: {
    place: (place: number, count: number, which: string) => `word ${place} of ${count}${which}`,
    which: (n: number, of: number) => `, occurrence ${n} of ${of}`,
  },
  look: {
    lead: 'Tap one *été*, then the other.',
    nobody: 'No word asks. Choose one, and see what it looks at.',
    most: (word: string, place: number, other: string, weight: string) =>
      `${word}, word ${place}, looks most at ${other}: ${weight}.`,
    same: (word: string, other: string) =>
      `${word} and ${other} look at the same words with the same weights, and get the same vector: the difference is exactly 0.`,
    blind: 'Without positions nothing tells the layer where a word stands.',
    apart: (word: string, other: string, weight: string, vector: string) =>
      `${word} and ${other} do not look alike: their weights differ by up to ${weight}, their vectors by up to ${vector}.`,
    asks: 'asks',
    read: 'is read',
    legend: (uniform: string) =>
      `bar: attention weight, from 0 to 1; dotted line: ${uniform}, the same for every word`,
    lineLegend: 'width of a line: attention weight, from 0 to 1',
    gridLegend: 'area of a square: attention weight, a full cell is 1; rows ask, columns are read',
    gridKeys:
      'Attention weights as squares: arrows go from cell to cell, Enter locks the word that asks',
    difference: 'difference',
    learn: 'Learn',
    stop: 'Stop here',
    watch: 'Watch it learn',
    how: 'How it learned',
    learnedWith: (positions: boolean): string =>
      positions
        ? 'What was learned knows positions; the drawn layer is as it was.'
        : 'What was learned knows no positions; the drawn layer is as it was.',
    leadsOn: 'On with ten questions: each opens a view, and every answer runs there',
    noModel:
      'The address speaks of what was learned, which no address can hold: learn again, or take the small model.',
    tableCaption: 'Attention weights: each row asks, each column is read',
    pairCaption: 'Attention weights of the words that ask',
    linesTitle: 'Who looks at whom',
  },
  needle: {
    lead: 'Turn the query of *été₁*: it looks where it points.',
    title: 'Keys, a query and the context as arrows in a plane',
    what: '«What?»',
    when: '«When?»',
    turn: (name: string) => `Direction of ${name}, in degrees`,
    most: (query: string, word: string, amount: string) =>
      `${query} points best at the key of ${word}: its weight is ${amount}.`,
    tie: (words: string, amount: string) =>
      `${words}: the keys lie on one another, and each has the weight ${amount}. Without positions the layer can at best tie them.`,
    legend:
      'Here D = d_q = d_k = d_v = 2 and W_Q, W_K, W_V are the identity: every vector is drawn as it is. Thin arrows: keys; thick arrow: the query; dashed arrow: the context; area of a disc: attention weight.',
    vector: 'vector',
    tableCaption: 'Vectors in the plane, and attention weights',
  },
  compute: {
    lead: 'From words to contextual embeddings, number by number',
    names: { P: 'X + P', A: 'A' } as Readonly<Record<string, string>>,
    stages: {
      projections:
        'Each word is projected on a query, a key and a value: Q = X W_Q, K = X W_K, V = X W_V.',
      scores:
        'Every query is scored against every key by the alignment function. Rows ask, columns are read.',
      weights: 'The distribution function turns each row of scores into attention weights.',
      context: 'Each word becomes the sum of all values, weighted by its row of attention.',
    } as Readonly<Record<string, string>>,
    editable: 'editable',
    howToEdit:
      'Choose a cell to see its formula; the numbers of X and W, in the first stage, can be changed.',
    undoOne: 'Undo this number',
    undoAll: 'Undo every change',
    noNumber: 'Write a number between −100000 and 100000.',
    legend:
      'Colour: size of a number, full at 3 (scores, vectors), 1.5 (parameters) or 1 (weights); a frame: what the chosen cell is made of.',
    parameters: (count: string) => `${count} parameters`,
    own: (count: string) => `And ${count} of the alignment, distribution or position.`,
    notParameters:
      'These are learned. X, Q, K, V and the weights are not: they change with the text.',
    shapes: 'The shapes of Q and Kᵀ',
    matrix: 'matrix',
    rows: 'rows',
    columns: 'columns',
    clash: (q: number, k: number) => `Q has ${q} columns and K has ${k}: they do not meet`,
  },
  order: {
    lead: 'Does the layer take the order of the words into account?',
    movedTitle: 'Where words went, and the vector that each got',
    movedLegend:
      'Strips: the contextual embedding of each word, from −2 to 2; lines: where the word went.',
    asIs: 'Swap two words, or shuffle all: P is the new order. Does each word keep its vector?',
    equal: (apart: string) =>
      `Each word keeps its vector: f(PX) = P\u00a0f(X), the difference is ${apart}. The rows move, their numbers do not.`,
    unequal: (apart: string) => `Now order counts: f(PX) differs from P\u00a0f(X) by ${apart}.`,
    up: (word: string) => `Move ${word} one place forward`,
    down: (word: string) => `Move ${word} one place back`,
    shuffle: 'Shuffle',
    back: 'As it was',
    all: (count: string) => `Try all ${count} orders`,
    drawn: (count: string) => `Try ${count} orders`,
    progress: (done: string, count: string) => `${done} of ${count} orders…`,
    none: (count: string, worst: string, moved: string) =>
      `${count} orders: f(PX) never lies further from P\u00a0f(X) than ${worst}, which is rounding. The layer is blind to order: equivariant. It is not invariant: in ${moved} orders the rows stand elsewhere.`,
    some: (count: string, worst: string, moved: string) =>
      `${count} orders: f(PX) lies up to ${worst} from P\u00a0f(X), and differs from f(X) in ${moved}. With positions, order counts.`,
    histogramCaption: 'Orders by their difference of f(PX) from P\u00a0f(X)',
    from: 'difference from',
    orders: 'orders',
    axis: 'largest difference, each bar a power of ten',
    vectors: 'Contextual embeddings of the first head, before and after',
    word: 'word',
  },
  export: {
    svg: 'Picture as SVG',
    csv: 'Numbers as CSV',
    link: 'This view as a link',
    copy: 'Copy the link',
    copied: 'Copied.',
    bare: 'the view alone, for slides',
    hide: 'For a lesson, leave out:',
    parts: {
      doors: 'all doors',
      formula: 'formulas',
      tables: 'tables',
      export: 'saving',
      text: 'the sentence',
    } as Readonly<Record<string, string>>,
  },
}

/** Every sentence of the page; both languages have the same keys. */
export type Words = typeof en
