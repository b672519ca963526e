import type { Language } from '../../../doors/internal.ts'

const en = {
  name: 'Your name',
  prompt: (label: string) => `${label}: `,
  nameNeeded: 'the name is needed',
  modeNames: { practice: 'practice', test: 'test' },
  modes: {
    practice: 'practice: each answer is judged at once, and the layer runs',
    test: 'test: the score comes at the end',
  },
  manual:
    'A letter answers. Enter goes on, < back, #5 to question 5; h shows all that can be typed, Ctrl-C keeps everything for later.',
  help: [
    ['a, or 1', 'answers; several where several are right: a c'],
    ['-', 'takes the answer back'],
    ['Enter, >', 'goes on'],
    ['<', 'goes back'],
    ['#5', 'goes to question 5'],
    ['?, w', 'why: shows what the layer does, for every option'],
    ['t', 'shows the text of the section again'],
    ['!', 'hands in'],
    ['q, Ctrl-C', 'stops; what was answered is kept'],
  ],
  position: (at: number, count: number) => `question ${at} of ${count}`,
  points: (points: number) => `${points} ${points === 1 ? 'point' : 'points'}`,
  optional: 'may be left out',
  several: 'one or more are right',
  number: 'a number',
  answered: (response: string) => `your answer: ${response}`,
  right: 'right',
  wrong: 'not right',
  builtThatWay: 'The layer:',
  finds: (name: string, value: string) => `the layer gives ${name} = ${value}`,
  more: '? shows the whole run; another letter answers again; Enter goes on',
  noClaim: 'nothing runs here: this question has no claim',
  answerFirst: 'answer first; then ? runs the layer',
  afterwards: 'in a test the layer runs after the answers are handed in',
  oneOnly: 'one answer alone; give one letter',
  notUnderstood: (typed: string, expected: string) =>
    `${JSON.stringify(typed)} is no answer here; give ${expected}`,
  letters: (last: string) => (last === 'b' ? 'a or b' : `a letter from a to ${last}`),
  aNumber: 'a number such as 3 or 0.5',
  noQuestion: (count: number) => `questions go from 1 to ${count}`,
  missing: (positions: readonly number[]) =>
    `${positions.length === 1 ? 'question' : 'questions'} ${positions.join(', ')}: an answer is needed`,
  handIn: (answered: number, count: number) =>
    `${answered} of ${count} answered. Enter hands in, < goes back, #5 to question 5.`,
  score: (points: string, of: string) => `Score: ${points} of ${of}`,
  noScore: 'This file has no key: the answers are recorded, and whoever has the key grades them.',
  noAnswer: 'no answer',
  rightIs: (answer: string) => `right: ${answer}`,
  review: 'A number runs the layer for that question; Enter ends.',
  begin: 'Enter begins ',
  save: 'File for the result, .json or .csv (Enter: none)',
  saved: (file: string) => `written: ${file}`,
  kept: 'kept: the same command goes on from here',
  resume: (name: string, date: string, answered: number, count: number, mode: string) =>
    `${name || 'Somebody'} began this on ${date} (${mode}) and answered ${answered} of ${count}. Go on? [Y/n]`,
  no: /^n/i,
}

const fr: typeof en = {
  name: 'Votre nom',
  prompt: (label) => `${label} : `,
  nameNeeded: 'il faut un nom',
  modeNames: { practice: 'entraînement', test: 'contrôle' },
  modes: {
    practice: 'entraînement : chaque réponse est jugée tout de suite, et la couche s’exécute',
    test: 'contrôle : le score vient à la fin',
  },
  manual:
    'Une lettre répond. Entrée avance, < recule, #5 va à la question 5 ; h montre tout ce qu’on peut taper, Ctrl-C garde tout pour plus tard.',
  help: [
    ['a, ou 1', 'répond ; plusieurs lettres quand plusieurs sont justes : a c'],
    ['-', 'retire la réponse'],
    ['Entrée, >', 'avance'],
    ['<', 'recule'],
    ['#5', 'va à la question 5'],
    ['?, w', 'pourquoi : montre ce que fait la couche, pour chaque choix'],
    ['t', 'montre de nouveau le texte de la section'],
    ['!', 'rend le quiz'],
    ['q, Ctrl-C', 'arrête ; les réponses sont gardées'],
  ],
  position: (at, count) => `question ${at} sur ${count}`,
  points: (points) => (points < 2 ? `${points} point` : `${points} points`),
  optional: 'facultative',
  several: 'un ou plusieurs choix sont justes',
  number: 'un nombre',
  answered: (response) => `votre réponse : ${response}`,
  right: 'juste',
  wrong: 'pas juste',
  builtThatWay: 'La couche :',
  finds: (name, value) => `la couche donne ${name} = ${value}`,
  more: '? montre toute l’exécution ; une autre lettre répond de nouveau ; Entrée avance',
  noClaim: 'rien ne s’exécute ici : cette question n’a pas d’énoncé',
  answerFirst: 'répondez d’abord ; ensuite ? exécute la couche',
  afterwards: 'dans un contrôle, la couche s’exécute une fois les réponses rendues',
  oneOnly: 'une seule réponse ; donnez une lettre',
  notUnderstood: (typed, expected) =>
    `${JSON.stringify(typed)} n’est pas une réponse ici ; donnez ${expected}`,
  letters: (last) => (last === 'b' ? 'a ou b' : `une lettre de a à ${last}`),
  aNumber: 'un nombre tel que 3 ou 0,5',
  noQuestion: (count) => `les questions vont de 1 à ${count}`,
  missing: (positions) =>
    `${positions.length === 1 ? 'question' : 'questions'} ${positions.join(', ')} : il faut une réponse`,
  handIn: (answered, count) =>
    `${answered} réponses sur ${count}. Entrée rend le quiz, < recule, #5 va à la question 5.`,
  score: (points, of) => `Score : ${points} sur ${of}`,
  noScore:
    'Ce fichier n’a pas de corrigé : les réponses sont notées, et qui a le corrigé les évalue.',
  noAnswer: 'pas de réponse',
  rightIs: (answer) => `juste : ${answer}`,
  review: 'Un numéro exécute la couche pour cette question ; Entrée termine.',
  begin: 'Entrée commence ',
  save: 'Fichier pour le résultat, .json ou .csv (Entrée : aucun)',
  saved: (file) => `écrit : ${file}`,
  kept: 'gardé : la même commande reprend ici',
  resume: (name, date, answered, count, mode) =>
    `${name || 'Quelqu’un'} a commencé le ${date} (${mode}) et a répondu à ${answered} questions sur ${count}. Reprendre ? [O/n]`,
  no: /^n/i,
}

/** What the quiz says by itself, in its two languages. */
export type Phrases = typeof en

export const PHRASES: Readonly<Record<Language, Phrases>> = { en, fr }
