// Made by scripts/unicode.js from the data files of Unicode 15.0.0; not to be edited.
// © 2022 Unicode®, Inc. Unicode and the Unicode Logo are registered trademarks of Unicode, Inc. in the
// U.S. and other countries. For terms of use, see https://www.unicode.org/terms_of_use.html

/** Not assigned: a token each, without marks. */
export const UNASSIGNED = 0
/** White space. */
export const SPACE = 1
/** Control characters, lone surrogates, zero width space. */
export const DROPPED = 2
/** Soft hyphen, directions: skipped, and left out of the word. */
export const IGNORED = 3
/** Zero width non-joiner, word joiner and the like: skipped, kept inside a word. */
export const FORMAT = 4
/** Zero width joiner. */
export const ZWJ = 5
/** Tags, which belong to an emoji. */
export const TAG = 6
/** Marks, which belong to what precedes them: Extend. */
export const MARK = 7
/** Marks without a vowel, after which a ZWJ matters: of combining class 9. */
export const VIRAMA = 8
/** Letters: ALetter. */
export const LETTER = 9
/** Hebrew letters. */
export const HEBREW = 10
/** Katakana. */
export const KATAKANA = 11
/** Letters of scripts without spaces between words: Thai, Lao, Khmer, Burmese and others. */
export const COMPLEX = 12
/** Digits: Numeric. */
export const NUMBER = 13
/** Low line and the like: ExtendNumLet. */
export const EXTENDER = 14
/** Middle dot and the like: MidLetter. */
export const MID_LETTER = 15
/** Colons, in Swedish and Finnish as MidLetter. */
export const COLON = 16
/** Comma and the like: MidNum. */
export const MID_NUMBER = 17
/** Full stop and the like: MidNumLet. */
export const MID_BOTH = 18
/** Apostrophes and what is typed for one. */
export const APOSTROPHE = 19
/** Quotation mark. */
export const DOUBLE_QUOTE = 20
/** Regional indicators, two of which are a flag. */
export const FLAG = 21
/** Extended_Pictographic. */
export const EMOJI = 22
/** Han and hiragana. */
export const IDEOGRAPH = 23
/** All others, private use among them. */
export const SIGN = 24

/**
 * Classes of the code points from 0 on, in runs: a letter (A is 0), `!` if NFC may change a word that
 * holds them, and the length in base 36, if it is not 1.
 */
export const RUNS: string =
  'C9B5CiBYU:T:RYSY&QRY5Jq:O,q:C6BCqBY8WJ(DWY5TJYP(JY5Jn,v,ckTJrY6Jy]7HZwJ4J!,2*4R!J.(JP!|""k"2b,3vYZ5+J4m"12*4,P%5RJ#[AZ19YZY]Y]YZA8Kr.K4JPAbYcR2(ZbYD[%7Zl&YNR,2Z;r,Z7(Z6;]YZ4;&|(JYeA,ZJuZr*2hHbJAe&JxZ9;(R,#Z(JmZ4JZ9JZ3JZ5#Yf"pZ3#Y"b>Jo,6A(=Z8%6ZoYZtH4%i+ZJHf)+JZ4<J!8;+(&,g<"8*2*m"@-J4#ZJ^6#+#+)JA8Z.J!2"!;+#&;YaJYZ#<"6.;*m"@J!"J!"2#ZAH5.+#+)-H_J!3J"!_&+|HYAa<"9"3"m"@2"5#ZJH8A<A+)*Af;+#&(_JH6A<"8*2*m"@2"5#ZJ^6#+#+)_H].J!2"3+#&,Y6AaHJ"6-|"4-;""2-;-|-Jc.^4-<A<)*=ZAe&Yb>H5J8"3"n"g#ZJH7A<A<)_]"3**2+#&_Y9J<,8"3"n"a"5#ZJH4Z+A<A<)_]=;"2+#&"2HAcH4J9"3"15)2J^6A<A<)JY.|ZY7|+#&YaJ6A<"i-Jo"9"*7-).^5AHAH7Z=&#+YAcM1cHM2H4]).YM7HZ4<Y&({1M2AMAM5AMoAMAMaHM2H4])+M#M5AMAZ4<A&#M4AwJYn]Y6&YbZYZYZ:+|/4"4/4/4/4/c/3.Z6H^Z4+Z4)Y]J5H6^4AH4^4^4^4^cZ<AY8ZY6AYd{1M17<^8^)2H4M&Y6M6H4M4<M<M2H7M3H4MdHbZMH&H4(%2">J#%7,2tJ!l%eJ!r|q"4*@"4#%5"4*x"4*@"4*f"1l"4#%v#Z3Yt-JgYa=;e*6#,h8(JhBJq(-;3[Jb_Ji+)2A9Jj+)(A9Ji+AcJd"3A+AcM1gHu)H[M:MZ#&=Ya=Yb<EH&=;h_J5+JyZJ>%yAaJvAHc.H9Z3.Y-(&Mu#M5AbM18.Mq=&Y-YyJn]<#(M1hHaA)HkZ8#Z&=&=Y7MY6#ZeHZg{dH5%b]He)J8-&YhZ9YbA<JuH9)2+;&%8^b)2A8:%0HjZ-Y5&-|&%0(J9_%7*3Y8A8Z3YZdHZ7J4ZJ6Z;H]J>J5cZ1sJ7q*6#%2*6*8""""i//////J!#%h"5/,![|"3//[|J!*5J!A[|/7/YY!2*3"3//T!YAB!2B9CEFD2Y8T2YaS(PB2D5B(TY9W(O2[R:WYaOYaBED4ADa,#YbJYf"d-YxAfZdH4Z<ZcAf(J:J(Ja,[J5:W,,!,,!2;,b(J4Y5J5:JYh%5[.:W6YfW2Ya7W2YcWY!2(lW?yWYpWb:W3?8ApYbAl(e%gY5cW2YaWY9W?mW4YW6YWcYW36YaW3a(WbYWYWY6W[WY6WYaW2YfW(W:WYW:W3YWYbW5?9W3Y9WYeWYeWYacW2YbqY!?4W3YjW2?fW:WYu#YwA(xJ6dY6J4Z3;>Y7%2">J#%k_JYAe)JnA9J@@@@@@@7AZw?bJ?aAyYqA(hAcY5yAqYc.B:XYXYpX9Z6WL5(X4JW(AX2e#]L2X3L2jYL4>%@2mAYgJw?0AcLgYvA[bWYW?iL1bYL2g:oX534?sXg74Jwd-?jA9%a(J7h[Jg&;Ak%bZ<YZa,v];8]Y6A8Y8J5f>;""5AoJgH|)J4HJnH5:)-Ya=%g:A8+%eHg)HA8(&=ZiJ6[J,2H&JsH5Z3(JnHc)Ab,t-H4%b^c)Yd"&.(M5HMa&M5"15HeA9|HJ8+#&#:Mn[M<M1eZMZ3M2]M5]MZMAoM3(JbH5(|H)AaJ6*6*6A9J@@1m(.|7H8YH)#&=J8mcAcJn.%d.C1kw:xsX!7iX2X!XX!X2X!aXX!XX!X2X!2X3X!1w#X!2y{2J7AcJ5>K!ZK!K9YK!dAK!5AK!AK!2AK!2AK!9K;qYhAgJa3Yi%s#%i_YAwJc:HgR(QRY5=Zg[O2YoO3RYSARQYhA:.J5"3r#DAY6T:RYSY&QRY5Jq:O,qYbL1k+Jv-J6*6*6*3-Y7AY7AaD3(*c"q"j"2"f*eAy|f>[.?9-Y9%hYqAYd-Y{b?9Z-mJt-%dAfZYr.Jw:A9Ju>%2Z5>JuAY%0.J8,5{6J4e#&=%0.%0.%4A8%gAb,b"f"@2"b"f"@2{vJ8nA9JmAaJ8AoJ6"16"9{xJ6*"18"2-J*nAY9JnY9JvA8Y9{cJj"2>Y5JmY6-,q>Y{s%k.(;Yg#?aJ<A+>H^ZJ4"3"t#Z3.)Y9_Y9_Jt[Jt[AwJ8,s].YcA9%i-Y7Jm#Y8Jj>Y8Ji_:AcY7#8;1{j%fAd%f_Y6%0Z4A8&A86Yv"16A]Y*2#3Z3JtYaJA8JmZbY9AmJiZ4:{2JlY7AkJnA9<%hHe)Y7.Yk&);+JA9)<%9H9)ZY7HAaY*p_&=Z3%0^b)2A&:J+JA8JzZ(JA9<%cHd)J4:HZ+Y+&J,[AYkAbJi"pH9)^Y6H;H{qJ@"4"f"aY=%bHaZ)>&=H4"8*2*m"@2"5A]J^6#+#+)*=Z>J5+#Z7-Z5-v%hHd)<ZJ4Y5&(AYZ|Au%c^9Z+^4)Z;,A8&.m%b^6#H7)ZYnJ4+Ay%cHf)H[JAb&=YdAj%7Hb)ZJY=&{iMr#He).&Y6M7>5%8Hd)ZY#s%s&Y9AcJ8**8"2"o^5A+#+)2JHJHZ[A9&{yJ8#%3H7#H6)J,HArJHa%4H)H5JH4Y8)A8JHb%aHf)[JY5Ad;1_Ya=uJ9"11H8AH7)JY5Aa&Yj-(Ju#HmAHe#1J@2"12H6-HA+A<^)2JHA8&=J6"2"wH5A+AH4)J_&A8mJjH4(_+JHJd"yH7-<)2Yd&#eJAf?eAd,pm#u|3AY5AbJ5g#18;p(AdJtsEgHJ6Hf-3eJg7=ntJft_JvA&.(;7A&=Ju#Z5YAa%cZ7Y9J4(Aa&AY@l>JjAj4%sYr#t;3.HJH1j_H4Jd{s;YXHAb]Ae:qgA8Yye{6Y9=w7L4AL7AL2ALX7zL3AfXAtX3#LAeL4A8Yb0{s4;z>Jd-J9_Ja#YHZYE4-mkH1a#HnA9[8{oY6uAa?3#?hY!7Z5[Z6D8Z8(Z7YuZ4YdY!6?6Al?uZ3Y-eYkAcYkAc(fA9Yp-r;d"1z"2**2*4"c""@1t"4*8"@s"4"5"-J@9g*p,p,v,p,v,p,v,p,v,p,8#N1eYe8H1j:H1eY8HYeHY7AfH5AHfAuoJv=J6>xZ7AZh#Z7A]AZ5>%qAxZ-4%9-Z7J7#&.JYA8wJuZAh%8Z4&>YAcwJsZ4&AkmJ@4"2"f"5h#Y9Z7{5%wZ7J.&.(Alt?w#4?p>eJ4"r"2"*"a"4""=J.J"""3"2"*"""""2"*4"@4"4""a"h>|"5"h{g(_iW74YdW3YvWJqY6Jq(W4Jq:W(WaYiW1lVqYWfYaWYkW(W9YW4Y9Wc2H5W8uY8W7e?cW3k[8Wc(dW17YcW4?kW8YaW6?4W8YuW2aYcW1bYWaYWc9:3A?j{1&=Wse#XwyoAwX37e=X66#X4g2AeX5rl#e7X!f2{5uX3t7>X38gAf975DAuG2o-kH6o{e6o?eke#?eke#'

/** Signs that stand for parts of RUNS: the sign and the part, in this order. */
export const PAIRS: string =
  '|J3 {A1 _A7 ^ZH ]Z2 [Y3 @7" ?Y1 >A5 =A6 <H3 ;J2 :Y4 /J!J .A4 -A3 ,YJ +H2 *#J )I! (Y2 &Na %J1 #A2 "AJ ZH!'
