import type { teaching as english } from './teaching.en.ts'

/** Apprendre, Demander et Quiz en français. */
export const teaching: typeof english = {
  files: {
    drop: 'Un modèle (.safetensors), un quiz (.json) ou un texte (.txt) peut aussi être déposé n’importe où sur la page.',
    oneAtATime: (count) => `Un fichier à la fois : ${count} ont été déposés. Rien n’a été changé.`,
    noKind: (name) =>
      `${name} n’est rien que la page lise : elle prend un modèle (.safetensors), un quiz (.json) ou un texte (.txt, .gz). Rien n’a été changé.`,
    notInLesson: (door) => `Cette leçon n’a pas de « ${door} » ; rien n’a été changé.`,
    learns:
      'Un apprentissage est en cours : arrêtez-le d’abord, puis déposez de nouveau le fichier. Rien n’a été changé.',
    tooLarge: (name, found, most) =>
      `${name} a ${found} Mo, et la page en contient ${most} ; regard learn, dans un terminal, prend toute taille. Rien n’a changé.`,
    damaged: (name) => `${name} : gzip tronqué ou abîmé. Rien n’a changé.`,
  },
  learn: {
    small: 'le petit modèle fourni',
    takeShipped: {
      model: 'Prendre le petit modèle fourni',
      fr: 'Prendre celui des romans français',
      en: 'Prendre celui des romans anglais',
    },
    lead: 'Apprenez, et deux mots égaux se séparent.',
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
    ownHint:
      'Écrivez-le ou collez-le ici, ou déposez un fichier sur la page : UTF-8 ou UTF-16, aussi en .gz, 5 Mo au plus. Il reste dans cette page.',
    file: 'Ou un fichier',
    beside: (name, size) => `${name}, ${size} Mo, est gardé à côté du champ.`,
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
    questionLoss: 'questions',
    heldOutLoss: 'mis de côté',
    lossLegend: (uniform) =>
      `Sa surprise : 0 est la certitude, ${uniform} un choix au hasard parmi tous les mots. L’échelle reste. Mis de côté : des phrases dont rien n’est appris.`,
    step_: 'pas',
    partTitle: 'Cosinus des deux vecteurs contextuels',
    partLegend:
      '1 : une même direction, donc un même sens ; 0 : à angle droit. Les vecteurs de mots seuls resteraient à 1.',
    mapTitle: (word) => `Chaque ${word} du texte, à son vecteur`,
    mapTitleWords: 'Les mots de la phrase, à leurs vecteurs',
    axes: (first, second, reach) =>
      `Axes : les deux directions où ces vecteurs, chacun de longueur 1, diffèrent le plus ; elles portent ${first} % et ${second} % de l’écart. L’échelle reste, de −${reach} à ${reach}.`,
    mapTable: 'Places sur la carte',
    occurrence: 'occurrence',
    sense: 'sens',
    senses: { been: 'participe (être)', summer: 'saison' },
    unlabelled: 'dans le texte',
    together: (first, second) =>
      `${first} et ${second} sont un seul vecteur : sans positions, rien ne les distingue.`,
    parted: (first, second, cosine) =>
      `${first} et ${second} se sont séparés : leur cosinus est ${cosine}.`,
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
  ask: {
    lead: 'Demandez, et un mot répond par son poids.',
    byHand: 'Sans modèle, deux directions de l’aiguille tiennent lieu de questions',
    tries: 'Questions à essayer',
    answers: (word, weight) => `${word} répond : son poids est ${weight}. `,
    margin: (word, weight, margin) =>
      `Vient ensuite ${word} avec ${weight} ; l’écart est ${margin}.`,
    tie: (word, other, weight) =>
      `${word} et ${other} sont à égalité à ${weight} : rien ne les distingue.`,
    legend: (uniform) =>
      `barre : poids d’attention, de 0 à 1 ; ${uniform} serait le même pour chaque mot`,
    how: 'Comment il a été trouvé',
    learned:
      'Appris de questions : les mots de la question font une requête, et les clés sont celles des mots de la phrase, en contexte et hors contexte. Sans positions, elle demande de même de chaque place.',
    clues:
      ' Les unes et les autres lisent aussi des indices : quels mots la question et la phrase ont en commun, et à quelle distance de ceux-ci chaque mot se tient.',
    query: (q) =>
      `${q} := la question : la requête moyenne de ses mots entre dans la couche elle-même, qui n’a jamais vu de question. Elle répond au mieux par ressemblance des mots.`,
    hand: (q) =>
      `${q} := la question, à la main : D = d_q = d_k = d_v = 2, et l’aiguille pointe où pointe la question. Apprenez, et demandez avec des mots.`,
    toLearn: 'Apprendre',
    toNeedle: 'Tourner l’aiguille',
    caution:
      'L’attention n’est pas une explication : les poids disent où la couche regarde, non pourquoi un mot est la réponse. D’autres poids peuvent donner le même vecteur, et un poids proche de 1 se trompe souvent avec assurance.',
    tableCaption: 'Tous les mots par poids d’attention',
    rank: 'rang',
    word: 'mot',
  },
  quiz: {
    lead: 'Des questions sur la couche : chaque réponse s’exécute.',
    leads: 'La question',
    name: 'Votre nom',
    begin: 'Commencer',
    goOn: 'Reprendre',
    modes: { practice: 'entraînement', test: 'contrôle' },
    modeSays: {
      practice:
        'Chaque question ouvre la vue qui montre ce qu’elle demande ; une réponse est jugée aussitôt, et s’y exécute.',
      test: 'Le score vient à la fin, puis les exécutions.',
    },
    begun: (name, mode, answered, count) =>
      `${name} a commencé (${mode}) et a répondu à ${answered} questions sur ${count}.`,
    somebody: 'Quelqu’un',
    others: 'Un autre quiz',
    file: 'Un quiz dans un fichier (JSON)',
    notText: (name) =>
      `${name} : n’est pas un texte en UTF-8 ; donnez un quiz en JSON, voir docs/quiz.md`,
    noKey:
      'Ce fichier n’a pas de corrigé : les réponses sont notées, et qui a le corrigé les évalue.',
    all: 'Toutes les questions',
    place: (at, count) => `Question ${at} sur ${count}`,
    points: (points) => `${points} points`,
    several: 'un ou plusieurs choix sont justes',
    number: 'un nombre',
    optional: 'facultative',
    yourNumber: 'Votre nombre',
    check: 'Vérifier',
    next: 'Suivante',
    back: 'Précédente',
    toEnd: 'À la fin',
    toScore: 'Le score',
    door: (view) => `Voir : ${view}`,
    quizAlone: 'Le quiz seul',
    right: 'Juste.',
    wrong: 'Pas juste.',
    noAnswer: 'pas de réponse',
    isAnswered: 'répondu',
    layer: 'La couche :',
    finds: (name, value) => `La couche donne ${name} = ${value.replace('.', ',')}.`,
    running: 'La couche s’exécute…',
    whole: 'Toute l’exécution',
    inNumbers:
      'Aucune vue ne dessine ce que demande cette question : la couche calcule ici, et ses nombres sont la preuve.',
    noClaim: 'Rien ne s’exécute ici : cette question n’a pas d’énoncé.',
    holds: 'est juste :',
    refuted: 'est réfutée :',
    end: 'La fin',
    answered: (answered, count) => `${answered} réponses sur ${count}.`,
    missing: (places) =>
      `Il faut une réponse : ${places.length === 1 ? 'question' : 'questions'} ${places.join(', ')}.`,
    handIn: 'Rendre',
    score: (points, of) => `Score : ${points} sur ${of}`,
    noScore: 'Les réponses sont notées ; qui a le corrigé les évalue.',
    save: 'Enregistrer le résultat',
    again: 'Recommencer',
    rightIs: (key) => `juste : ${key}`,
    see: 'Voir l’exécution',
  },
}
