import { expect, test } from 'vitest'
import { tokenize } from '../../src/text/tokens.ts'

/** A language, a text in it, and its words and signs. */
const TEXTS: readonly (readonly [string, string, string])[] = [
  ['ko', '나는 2024년에 KBS를 봤다.', '나는 2024년에 KBS를 봤다 .'],
  ['ko', '\u1112\u1161\u11ab\u1100\u1173\u11af 말', '한글 말'],
  ['vi', 'D\u0323a\u0323i ho\u0323c là gì?', 'Ḍại học là gì ?'],
  ['bo', 'བོད་ཡིག།', 'བོད ་ ཡིག །'],
  ['am', 'ሰላም፡ልዑል። እንዴት ነህ፧', 'ሰላም ፡ ልዑል ። እንዴት ነህ ፧'],
  ['ka', 'საქართველო არის ლამაზი.', 'საქართველო არის ლამაზი .'],
  ['hy', 'Բարեւ՛ ձեզ, ինչպե՞ս եք։', 'Բարեւ՛ ձեզ , ինչպե՞ս եք ։'],
  ['chr', 'ᎣᏏᏲ ᏙᎯᏧ', 'ᎣᏏᏲ ᏙᎯᏧ'],
  ['hi', 'विद्यार्थी क्षत्रिय ज्ञान। १२३ रुपये', 'विद्यार्थी क्षत्रिय ज्ञान । १२३ रुपये'],
  ['bn', 'উৎসব ক্\u200dষ ১২,৩৪', 'উৎসব ক্\u200dষ ১২,৩৪'],
  ['te', 'తెలుగు క్\u200cష', 'తెలుగు క్\u200cష'],
  ['ta', 'க்ஷ ஸ்ரீ தமிழ்', 'க்ஷ ஸ்ரீ தமிழ்'],
  ['mn', 'ᠮᠣᠩᠭᠣᠯ\u180e ᠪᠢᠴᠢᠭ\u180b', 'ᠮᠣᠩᠭᠣᠯ ᠪᠢᠴᠢᠭ\u180b'],
  ['ar', 'العـــربية، كِتَابٌ ٣٫١٤ و١٢٬٠٠٠؟ 50٪', 'العـــربية ، كِتَابٌ ٣٫١٤ و١٢٬٠٠٠ ؟ 50 ٪'],
  ['he', 'ארה״ב ותנ״ך ג׳ורג׳ רמטכ"ל תל־אביב', 'ארה״ב ותנ״ך ג׳ורג׳ רמטכ"ל תל ־ אביב'],
  ['fa', 'کتاب\u200cها و می\u200cروم\u200c', 'کتاب\u200cها و می\u200cروم'],
  ['th', 'เด็กๆ กรุงเทพฯ ปี๒๕๖๗ ABCไทย', 'เด็กๆ กรุงเทพฯ ปี ๒๕๖๗ ABC ไทย'],
  ['my', '၂၀၂၄ခုနှစ် မြန်မာ၊', '၂၀၂၄ ခုနှစ် မြန်မာ ၊'],
  ['ja', 'iPhone15は2024年9月に発売', 'iPhone15 は 2024 年 9 月 に 発 売'],
  ['ja', '人々は時々こゝろ いすゞ', '人 々 は 時 々 こ ゝ ろ い す ゞ'],
  ['ja', 'ｶﾀｶﾅとﾊﾟｿｺﾝ、ゲーム・センター', 'ｶﾀｶﾅ と ﾊﾟｿｺﾝ 、 ゲーム ・ センター'],
  ['ja', 'サーバー2台 三ヶ月 〆切 カ\u3099ギ', 'サーバー 2 台 三 ヶ 月 〆 切 ガギ'],
  ['zh', '我有１２３个ＡＢＣ。￥１，２３４．５６', '我 有 １２３ 个 ＡＢＣ 。 ￥ １，２３４．５６'],
  ['zh', '𠮷野家 3G网络 COVID-19疫情 Ａ股', '𠮷 野 家 3G 网 络 COVID - 19 疫 情 Ａ 股'],
  ['zh', '他说：“你好！”……', '他 说 ： “ 你 好 ！ ” … …'],
  ['el', 'ο Οδυσσέας· τι κάνεις;', 'ο Οδυσσέας · τι κάνεις ;'],
  ['uk', "п'ять об’єкт мʼяч", "п'ять об’єкт мʼяч"],
  ['tr', "İstanbul'da Türkiye'nin", "İstanbul'da Türkiye'nin"],
  ['', '❤\ufe0f 1\ufe0f⃣ *\ufe0f⃣ a1\ufe0f⃣', '❤\ufe0f 1\ufe0f⃣ *\ufe0f⃣ a 1\ufe0f⃣'],
  [
    '',
    '🧑🏻\u200d🤝\u200d🧑🏿🏳\ufe0f\u200d⚧\ufe0f I❤NY',
    '🧑🏻\u200d🤝\u200d🧑🏿 🏳\ufe0f\u200d⚧\ufe0f I ❤ NY',
  ],
  ['', '𝐇𝐞𝐥𝐥𝐨 𝟙𝟚𝟛 m³ H₂O 1ˢᵗ 1½ Ⅳ ①', '𝐇𝐞𝐥𝐥𝐨 𝟙𝟚𝟛 m ³ H ₂ O 1ˢᵗ 1 ½ Ⅳ ①'],
  ['', '€5 $5.00 50% 20°C №5 £1,000.50', '€ 5 $ 5.00 50 % 20 ° C № 5 £ 1,000.50'],
  ['', 'https://a.example.com/b?q=1#top', 'https : / / a.example.com / b ? q = 1 # top'],
  ['', 'me+tag@ex-ample.co.uk #tag @user_name', 'me + tag @ ex - ample.co.uk # tag @ user_name'],
  ['', '+33 1 23 12/05/2024 10h30 1\u00a0000\u202f000', '+ 33 1 23 12 / 05 / 2024 10h30 1 000 000'],
  ['', 'U.S.A. Ph.D. 192.168.0.1 1e-5 a,1 1.a', 'U.S.A . Ph.D . 192.168.0.1 1e - 5 a , 1 1 . a'],
  ['fr', "c'est-à-dire qu'en-dira-t-on", "c' est - à - dire qu' en - dira - t - on"],
  ['fr', "d'aujourd'hui AUJOURD’HUI prud'homme", "d' aujourd'hui AUJOURD’HUI prud'homme"],
  ['fr', "rock'n'roll O'Brien Jeanne d'Arc", "rock'n'roll O'Brien Jeanne d' Arc"],
  ['fr', "Ç'a été ç’aurait c\u0327'avait garç'on", "Ç' a été ç’ aurait ç' avait garç'on"],
  ['fr', "c't'été d'l'eau puisqu'elle", "c' t' été d' l' eau puisqu' elle"],
  [
    'fr',
    "l' été l''été l'«été» l'1 QU'IL l＇été",
    "l' été l' ' été l' « été » l' 1 QU' IL l＇ été",
  ],
  ['fr', 'l\u2060’\u2060été M\u2060’Bappé', 'l\u2060’ été M\u2060’Bappé'],
  ['fr', "5′ 6´ 7' 1’30 48°51′", "5 ′ 6 ´ 7 ' 1 ’ 30 48 ° 51 ′"],
  ['fr', '‘été’ ’été’ «l’été» “l’été”', '‘ été ’ ’ été ’ « l’ été » “ l’ été ”'],
  ['it', "un po' di c'è all'improvviso va' fa'", "un po' di c' è all' improvviso va' fa'"],
  ['it', "dev'essere gliel'ho pell'aria cos'è", "dev' essere gliel' ho pell' aria cos' è"],
  ['ca', "l'l·l paral·lel n'hi dóna'm se'n", "l' l·l paral·lel n' hi dóna'm se'n"],
  ['en', "'tis o'clock ’em dogs’ y'all'd've", "' tis o'clock ’ em dogs ’ y'all'd've"],
  ['en', '‘like this’ ‘it’s’ std::vector a:b', '‘ like this ’ ‘ it’s ’ std : : vector a : b'],
  ['sv', 'EU:s S:t 10:30 10:e ordet: nästa', 'EU:s S:t 10 : 30 10 : e ordet : nästa'],
  ['fi', 'EU:n WWF:lle klo 10:30', 'EU:n WWF:lle klo 10 : 30'],
]

test.each(TEXTS)('%s: %s', (language, text, words) => {
  const tokens = tokenize(text, 'unicode', language ? [language] : [])
  expect(tokens.map(({ token }) => token)).toEqual(words.split(' '))
  expect(tokens.map(({ start, end }) => text.slice(start, end).normalize('NFC'))).toEqual(
    words.split(' '),
  )
})
