/** Learn, Ask and Quiz in English. */
export const teaching = {
  files: {
    drop: 'A model (.safetensors), a quiz (.json) or a text (.txt) can also be dropped anywhere on the page.',
    oneAtATime: (count: number) =>
      `One file at a time: ${count} were dropped. Nothing was changed.`,
    noKind: (name: string) =>
      `${name} is nothing that the page reads: it takes a model (.safetensors), a quiz (.json) or a text (.txt, .gz). Nothing was changed.`,
    notInLesson: (door: string) => `This lesson has no «${door}»; nothing was changed.`,
    learns: 'A learning goes on: stop it first, then drop the file again. Nothing was changed.',
    tooLarge: (name: string, found: string, most: string) =>
      `${name} has ${found} MB, and the page holds ${most}; regard learn in a terminal takes any size. Nothing was changed.`,
    damaged: (name: string) => `${name}: gzip that is cut or damaged. Nothing was changed.`,
  },
  learn: {
    small: 'the small model that ships',
    takeShipped: {
      model: 'Take the small model that ships',
      fr: 'Take that of French novels',
      en: 'Take that of English novels',
    },
    lead: 'Learn, and two equal words part.',
    play: 'Learn',
    goOn: 'Go on',
    again: 'Learn again',
    pause: 'Pause',
    step: 'Ten steps',
    end: 'Keep what there is',
    reset: 'Reset',
    builtIn: (sentences: string, questions: string) =>
      `${sentences} short sentences in French and English, with ${questions} questions about them; none is about Tom.`,
    own: 'Your text',
    ownHint:
      'Write or paste it here, or drop a file on the page: UTF-8 or UTF-16, also as .gz, up to 5 MB. It stays in this page.',
    file: 'Or a file',
    beside: (name: string, size: string) => `${name}, ${size} MB, is kept beside the field.`,
    tooLong: (found: string, most: string) =>
      `The text has ${found} characters, and the page learns from ${most} at most; regard learn in a terminal takes any size. Nothing was changed.`,
    noText: 'There is no text to learn from yet: write, paste or drop one.',
    ready: 'Nothing is learned yet: the layer knows no more than its seed.',
    beginning: 'Reading the text…',
    status: (step: string, steps: string, words: string) =>
      `Step ${step} of ${steps}, ${words} words read.`,
    waiting: 'It waits.',
    unseen: 'It waits while the page is hidden.',
    done: (steps: string, words: string) => `Learned: ${steps} steps, ${words} words read.`,
    loaded: (name: string) => `Loaded: ${name}.`,
    lossTitle: 'Loss, in nats for each prediction',
    hiddenLoss: 'hidden words',
    questionLoss: 'questions',
    heldOutLoss: 'held out',
    lossLegend: (uniform: string) =>
      `How surprised it is: 0 is certainty, ${uniform} a blind guess among all words. The scale stays. Held out: sentences that nothing is learned from.`,
    step_: 'step',
    partTitle: 'Cosine of the two contextual embeddings',
    partLegend:
      '1: one direction, so one meaning; 0: at right angles. Word vectors alone would stay at 1.',
    mapTitle: (word: string) => `Every ${word} of the text, at its vector`,
    mapTitleWords: 'The words of the sentence, at their vectors',
    axes: (first: string, second: string, reach: string) =>
      `Axes: the two directions in which these vectors, each at length 1, differ most; they hold ${first} % and ${second} % of the spread. The scale stays, from −${reach} to ${reach}.`,
    mapTable: 'Places on the map',
    occurrence: 'occurrence',
    sense: 'sense',
    senses: { been: 'been', summer: 'summer' } as Readonly<Record<string, string>>,
    unlabelled: 'in the text',
    together: (first: string, second: string) =>
      `${first} and ${second} are one vector: without positions nothing tells them apart.`,
    parted: (first: string, second: string, cosine: string) =>
      `${first} and ${second} have parted: their cosine is ${cosine}.`,
    model: 'The model',
    widths: (numbers: {
      D: string
      q: string
      k: string
      v: string
      heads: string
      parameters: string
      seed: string
    }) =>
      `D ${numbers.D}, d_q ${numbers.q}, d_k ${numbers.k}, d_v ${numbers.v} over ${numbers.heads} heads: ${numbers.parameters} parameters in W_Q, W_K, W_V; seed ${numbers.seed}.`,
    hash: 'SHA-256 of its file',
    same: 'The command makes the same file, to the last bit:',
    heldOutAtEnd: (loss: string) => `Held-out loss ${loss} nats for each hidden word.`,
    save: 'Save the model',
    load: 'Load a model',
    look: 'Look at what was learned',
    ask: 'Ask it',
    device: (name: string) => `Computed by ${name}, in a worker of this page.`,
  },
  ask: {
    lead: 'Ask, and a word answers by its weight.',
    byHand: 'Without a model, two directions of the needle stand for the questions',
    tries: 'Questions to try',
    answers: (word: string, weight: string) => `${word} answers: its weight is ${weight}. `,
    margin: (word: string, weight: string, margin: string) =>
      `Next is ${word} with ${weight}; the margin is ${margin}.`,
    tie: (word: string, other: string, weight: string) =>
      `${word} and ${other} tie at ${weight}: nothing tells them apart.`,
    legend: (uniform: string) =>
      `bar: attention weight, from 0 to 1; ${uniform} would be the same for every word`,
    how: 'How it was found',
    learned:
      'Learned from questions: the question’s words make one query, and the keys are those of the sentence’s words, contextual and static. It has no positions, so that it asks alike from every place.',
    clues:
      ' Both read clues, too: which words question and sentence have in common, and how far from them each word stands.',
    query: (q: string) =>
      `${q} := the question: the mean query of its words stands in the layer itself, which never saw a question. It answers by likeness of words at best.`,
    hand: (q: string) =>
      `${q} := the question, by hand: D = d_q = d_k = d_v = 2, and the needle points where the question does. Learn, and ask in words.`,
    toLearn: 'Learn',
    toNeedle: 'Turn the needle',
    caution:
      'Attention is not an explanation: the weights say where the layer looks, not why a word is the answer. Other weights can give the same vector, and a weight near 1 is often wrong with confidence.',
    tableCaption: 'All words by attention weight',
    rank: 'rank',
    word: 'word',
  },
  quiz: {
    lead: 'Questions about the layer: every answer runs.',
    leads: 'The question',
    name: 'Your name',
    begin: 'Begin',
    goOn: 'Go on',
    modes: { practice: 'practice', test: 'test' },
    modeSays: {
      practice:
        'Each question opens the view that shows what it asks; an answer is judged at once, and runs there.',
      test: 'The score comes at the end, and then the runs.',
    },
    begun: (name: string, mode: string, answered: number, count: number) =>
      `${name} began this (${mode}) and answered ${answered} of ${count}.`,
    somebody: 'Somebody',
    others: 'Another quiz',
    file: 'A quiz from a file (JSON)',
    notText: (name: string) =>
      `${name}: is no text in UTF-8; give a quiz as JSON, see docs/quiz.md`,
    noKey: 'This file has no key: the answers are recorded, and whoever has the key grades them.',
    all: 'All questions',
    place: (at: number, count: number) => `Question ${at} of ${count}`,
    points: (points: string) => `${points} points`,
    several: 'one or more are right',
    number: 'a number',
    optional: 'may be left out',
    yourNumber: 'Your number',
    check: 'Check',
    next: 'Next',
    back: 'Back',
    toEnd: 'To the end',
    toScore: 'The score',
    door: (view: string) => `See it: ${view}`,
    quizAlone: 'The quiz alone',
    right: 'Right.',
    wrong: 'Not right.',
    noAnswer: 'no answer',
    isAnswered: 'answered',
    layer: 'The layer:',
    finds: (name: string, value: string) => `The layer gives ${name} = ${value}.`,
    running: 'The layer runs…',
    whole: 'The whole run',
    inNumbers:
      'No view draws what this question asks: the layer runs here, and its numbers are the proof.',
    noClaim: 'Nothing runs here: this question has no claim.',
    holds: 'holds:',
    refuted: 'is refuted:',
    end: 'The end',
    answered: (answered: number, count: number) => `${answered} of ${count} answered.`,
    missing: (places: readonly number[]) =>
      `An answer is needed: ${places.length === 1 ? 'question' : 'questions'} ${places.join(', ')}.`,
    handIn: 'Hand in',
    score: (points: string, of: string) => `Score: ${points} of ${of}`,
    noScore: 'The answers are recorded; whoever has the key grades them.',
    save: 'Save the result',
    again: 'Begin again',
    rightIs: (key: string) => `right: ${key}`,
    see: 'See it run',
  },
}
