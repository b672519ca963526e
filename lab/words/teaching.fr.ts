import type { teaching as english } from './teaching.en.ts'

/** Apprendre, Demander et Quiz en français. */
export const teaching: typeof english = {
  files: {
    tooLarge: (name, found, most) =>
      `${name} a ${found} Mo, et la page en contient ${most} ; regard learn, dans un terminal, prend toute taille. Rien n’a changé.`,
  },
  learn: {
    lead: 'Apprenez, et deux mots égaux se séparent.',
    leadFor: (word, first, second) => `Apprenez, et les deux ${word} se séparent : ${first} et ${second}.`,
    play: 'Apprendre',
    goOn: 'Continuer',
    again: 'Réapprendre',
    pause: 'Pause',
    step: 'Dix pas',
    end: 'Garder ce qui est appris',
    reset: 'Recommencer',
    builtIn: (sentences, questions) =>
      `${sentences} phrases courtes en français et en anglais, avec ${questions} questions ; aucune ne parle de Tom.`,
    own: 'Votre texte',
    ownHint: 'Écrivez-le ou collez-le ici, ou déposez un fichier sur la page : UTF-8, 5 Mo au plus. Il reste dans cette page.',
    file: 'Ou un fichier',
    beside: (name, size) => `${name}, ${size} Mo, est gardé à côté du champ : il est trop long pour être montré.`,
    tooLong: (found, most) =>
      `Le texte a ${found} caractères, et la page apprend de ${most} au plus ; regard learn, dans un terminal, prend toute taille. Rien n’a changé.`,
    noText: 'Il n’y a pas encore de texte : écrivez-en un, collez-le ou déposez-le.',
    ready: 'Rien n’est appris : la couche n’en sait pas plus que sa graine.',
    beginning: 'Lecture du texte…',
    status: (step, steps, words) => `Pas ${step} sur ${steps}, ${words} mots lus.`,
    waiting: 'En attente.',
    unseen: 'En attente tant que la page est cachée.',
    done: (steps, words) => `Appris : ${steps} pas, ${words} mots lus.`,
    loaded: (name) => `Chargé : ${name}.`,
    lossTitle: 'Perte, en nats par prédiction',
    hiddenLoss: 'mots cachés',
    nextLoss: 'mots suivants',
    questionLoss: 'questions',
    heldOutLoss: 'mis de côté',
    lossLegend: (uniform) =>
      `Sa surprise : 0 est la certitude, ${uniform} un choix au hasard parmi tous les mots. L’échelle reste. Mis de côté : des phrases dont rien n’est appris.`,
    step_: 'pas',
    partTitle: 'Cosinus des deux vecteurs contextuels',
    partLegend: '1 : une même direction, donc un même sens ; 0 : à angle droit. Les vecteurs de mots seuls resteraient à 1.',
    mapTitle: (word) => `Chaque point est un ${word} du texte, à la place de son vecteur contextuel`,
    mapTitleWords: 'Les mots de la phrase à la place de leurs vecteurs contextuels',
    axes: (first, second, reach) =>
      `Axes : les deux directions où ces vecteurs, chacun de longueur 1, diffèrent le plus ; elles portent ${first} % et ${second} % de l’écart. L’échelle reste, de −${reach} à ${reach}.`,
    mapTable: 'Places sur la carte',
    occurrence: 'occurrence',
    sense: 'sens',
    senses: { been: 'participe (être)', summer: 'saison' },
    unlabelled: 'dans le texte',
    together: (first, second) => `${first} et ${second} sont un seul vecteur : sans positions, rien ne les distingue.`,
    parted: (first, second, cosine) => `${first} et ${second} se sont séparés : leur cosinus est ${cosine}.`,
    model: 'Le modèle',
    widths: ({ D, q, k, v, heads, parameters, seed }) =>
      `D ${D}, d_q ${q}, d_k ${k}, d_v ${v} sur ${heads} têtes : ${parameters} paramètres dans W_Q, W_K, W_V ; graine ${seed}.`,
    hash: 'SHA-256 de son fichier',
    same: 'La commande fait le même fichier, au bit près :',
    heldOutAtEnd: (loss) => `Perte mise de côté : ${loss} nats par mot caché.`,
    save: 'Enregistrer le modèle',
    load: 'Charger un modèle',
    look: 'Regarder ce qui est appris',
    ask: 'Lui demander',
    device: (name) => `Calculé par ${name}, dans un processus de cette page.`,
  },
}
