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
/** Letters: ALetter. */
export const LETTER = 8
/** Hebrew letters. */
export const HEBREW = 9
/** Katakana. */
export const KATAKANA = 10
/** Letters of scripts without spaces between words: Thai, Lao, Khmer, Burmese and others. */
export const COMPLEX = 11
/** Digits: Numeric. */
export const NUMBER = 12
/** Low line and the like: ExtendNumLet. */
export const EXTENDER = 13
/** Middle dot and the like: MidLetter. */
export const MID_LETTER = 14
/** Colons, in Swedish and Finnish as MidLetter. */
export const COLON = 15
/** Comma and the like: MidNum. */
export const MID_NUMBER = 16
/** Full stop and the like: MidNumLet. */
export const MID_BOTH = 17
/** Apostrophes and what is typed for one. */
export const APOSTROPHE = 18
/** Quotation mark. */
export const DOUBLE_QUOTE = 19
/** Regional indicators, two of which are a flag. */
export const FLAG = 20
/** Extended_Pictographic. */
export const EMOJI = 21
/** Han and hiragana. */
export const IDEOGRAPH = 22
/** All others, private use among them. */
export const SIGN = 23

/**
 * Classes of the code points from 0 on, in runs: a letter (A is 0), `!` if NFC may change a word that
 * holds them, and the length in base 36, if it is not 1.
 */
export const RUNS: string =
  'C9B5CiBXT/S/QXRX%PQX5Iq/N*q/C6BCqBX8VI&DVX5SIXO&IX5In*v*ckSIrX6Iy,7HYwI4I!*2(4Q!I-&IO!_ZZkZ2b*3vXY5)I4mZ12(4*O#5QI"[AY19XYX,X,XYA8Jr-J4IOAbXcQ2&YbXD[#7Yl%XMQ*2Y:r*Y7&Y6:,XY4:%_&IXeA*YIuYr(2hHbIAe%IxY9:&Q*"Y&ImY4IY9IY3IY5"XfZpY3"XZb=Io*6A&<Y8#6YoXYtH4#i)YIHfY)IY4;I!8:)&%*g;Z8(2(mZ@+I4"YI>6")")YIA8Y-I!2Z!:)"%:XaIXY";Z6-:(mZ@I!ZI!Z2"YAH5-)")Y+H]I!3IZ!]%)_HXAa;Z9Z3ZmZ@2Z5"YIH8A;A)Y(Af:)"%&]IH6A;Z8(2(mZ@2Z5"YI>6")")Y]H,-I!2Z3)"%*X6AaHIZ6+_Z4+:ZZ2+:+_+Ic->4+;A;Y(<YAe%Xb=H5I8Z3ZnZg"YIH7A;A;Y],Z3((2)"%]X9I;*8Z3ZnZaZ5"YIH4Y)A;A;Y],<:Z2)"%Z2HAcH4I9Z3Z15,I>6A;A;YIX-_YX7_)"%XaI6A;Zi+IoZ9Z(7+Y->5AHAH7Y<%")XAcL1cHL2H4Y3-XL7HY4;X%&^1L2ALAL5ALoALALaHL2H4Y3)L"L5ALAY4;A%"L4AwIXn,X6%XbYXYXY/)_.4Z4.4.4.4.c.3-Y6H>Y4)Y5X,I5H6>4AH4>4>4>4>cY;AX8YX6AXd^1L17;>8>,H4L%X6L6H4L4;L;L2H7L3H4LdHbYLH%H4&#2Z=I"#7*2tI!l#eI!r_qZ4(@Z4"#5Z4(xZ4(@Z4(fZ1lZ4"#v"Y3Xt+IgXa<:e(6"*h8&IhBIq&+:3[Ib]Ii),A9Ij)Y&A9Ii)AcIdZ3A)AcL1gHu>[L/LY"%<Xa<Xb;EH%<:h]I5)IyYI=#yAaIvAHc-H9Y3-X+&%Lu"L5AbL18-Lq<%X+XyIn,;"&L1hHaA>kY8"Y%<%<X7LX6"YeHYg^dH5#b,HeYI8+%XhY9XbA;IuH9,):%#8>b,A8/#0HjY+X5%+_%#0&I9]#7(3X8A8Y3XYdHY7I4YI6Y:H,I=I5cY1sI7q(6"#2(6(8ZZZZi......I!"#hZ5.*![_Z3..[_I!(5I!A[_.7.XX!2(3Z3..S!XAB!2B9CEFD2X8S2XaR&OB2D5B&SX9V&N2[Q/VXaNXaBED4ADa*"XbIXfZd+XxAfYdH4Y;YcAf&I/I&Ia*[I5/V**!**!2:*b&I4X5I5/IXh#5[-/V6XfV2Xa7V2XcVX!2&lV?yVXpVb/V3?8ApXbAl&e#gX5cV2XaVX9V?mV4XV6XVcXV36XaV3a&VbXVXVX6V[VX6VXaV2XfV&V/VXV/V3XVXbV5?9V3X9VXeVXeVXacV2XbqX!?4V3XjV2?fV/VXu"XwA&xI6dX6I4Y3:=X7#2Z=I"#k]IXAeYInA9I@@@@@@@7AYw?bI?aAyXqA&hAcX5yAqXc-B/WXWXpW9Y6VK5&W4IV&AW2e",K2W3K2jXK4=#@2mAXgIw?0AcKgXvA[bVXV?iK1bXK2g/oW534?sWg74Iwd+?jA9#a&I7h[Ig%:Ak#bY;XYa*v,:8,X6A8X8I5f=:ZZ5AoIgH_YI4HInH5/Y+Xa<#g/A8)#eHg>A8&%<YiI6[I*2H%IsH5Y3&InHcYAb*t+H4#b>cYXdZ%-&L5HLa%L5Z15HeA9_HI8)"%"/Ln[L;L1eYLY3L2,L5,LYLAoL3&IbH5&_HYAaI6(6(6A9I@@1m&-_7H8XHY"%<I8mcAcIn-#d-C1kw/xsW!7iW2W!WW!W2W!aWW!WW!W2W!2W3W!1w"W!2y^2I7AcI5=J!YJ!J9XJ!dAJ!5AJ!AJ!2AJ!2AJ!9J:qXhAgIa3Xi#s"#i]XAwIc/HgQ&PQX5<Yg[N2XoN3QXRAQPXhA/-I5Z3r"DAX6S/QXRX%PQX5Iq/N*qXbK1k)Iv+I6(6(6(3+X7AX7AaD3&(cZqZjZ2Zf(eAy_f=[-?9+X9#hXqAXd+X^b?9Y+mIt+#dAfYXr-Iw/A9Iu=#2Y5=IuAX#0-I8*5^6I4e"%<#0-#0-#4A8#gAb*bZfZ@2ZbZfZ@2^vI8nA9ImAaI8AoI6Z16Z9^xI6(Z18Z2+I(nAX9InX9IvA8X9^cIjZ2=X5ImX6+*q=X^s#k-&:Xg"?aI;A)=H>YI4Z3Zt"Y3-YX9]X9]It[It[AwI8*s,-XcA9#i+X7Im"X8Ij=X8Ii]/AcX7"8:1^j#fAd#f]X6#0Y4A8%A86XvZ16A,X(2"3Y3ItXaIA8ImYbX9AmIiY4/^2IlX7AkInA9;#hHeYX7-Xk%Y:)IA9Y;#9H9,X7HAaX(p]%<Y3#0>b,A%/I)IA8IzY&IA9;#cHdYI4/HY)X)%I*[AXkAbIiZpH9,HX6H:H^qI@Z4ZfZaX<#bHa,=%<H4Z8(2(mZ@2Z5A,I>6")")Y(<Y=I5)"Y7+Y5+v#hHdY;YI4X5%&AXY_Au#c>9Y)>4,:*A8%-m#b>6"H7,XnI4)Ay#cHf>[IAb%<XdAj#7Hb,IX<%^iLr"HeY-%X6L7=5#8Hd,X"s#s%X9AcI8((8Z2Zo>5A)"),IHIHY[A9%^yI8"#3H7"H6YI*HArIHa#4H>5IH4X8YA8IHb#aHfY[IX5Ad:1]Xa<uI9Z11H8AH7YIX5Aa%Xj+&Iu"HmAHe"1I@2Z12H6+HA)A;>,IHA8%<I6Z2ZwH5A)AH4YI]%A8mIjH4&])IHIdZyH7+;,Xd%"eIAf?eAd*pm"u_3AX5AbI5g"18:p&AdItsEgHI6Hf+3eIg7<ntIft]IvA%-&:7A%<Iu"Y5XAa#cY7X9I4&Aa%AX@l=IjAj4#sXr"t:3-HIH1j]H4Id^s:XWHAb,Ae/qgA8Xye^6X9<w7K4AK7AK2AKW7zK3AfWAtW3"KAeK4A8Xb0^s4:z=Id+I9]Ia"XHYXE4+mkH1a"HnA9[8^oX6uAa?3"?hX!7Y5[Y6D8Y8&Y7XuY4XdX!6?6Al?uY3X+eXkAcXkAc&fA9Xp+r:dZ1zZ2((2(4ZcZZ@1tZ4(8Z@sZ4Z5Z+I@9g(p*p*v*p*v*p*v*p*v*p*8"M1eXe8H1j/H1eX8HXeHX7AfH5AHfAuoIv<I6=xY7AYh"Y7A,AY5=#qAxY+4#9+Y7I7"%-IXA8wIuYAh#8Y4%=XAcwIsY4%AkmI@4Z2ZfZ5h"X9Y7^5#wY7I-%-&Alt?w"4?p=eI4ZrZ2Z(ZaZ4ZZ<I-IZZZ3Z2Z(ZZZZZ2Z(4Z@4Z4ZZaZh=_Z5Zh^g&]iV74XdV3XvVIqX6Iq&V4Iq/V&VaXiV1lUqXVfXaVXkV&V9XV4X9Vc2H5V8uX8V7e?cV3k[8Vc&dV17XcV4?kV8XaV6?4V8XuV2aXcV1bXVaXVc9/3A?j^1%<Vse"WwyoAwW37e<W66"W4g2AeW5rl"e7W!f2^5uW3t7=W38gAf975DAuG2o+kH6o^e6o?eke"?eke"'

/** Signs that stand for parts of RUNS: the sign and the part, in this order. */
export const PAIRS: string =
  '_I3 ^A1 ]A7 [X3 @7Z ?X1 >YH =A5 <A6 ;H3 :I2 /X4 .I!I -A4 ,Y2 +A3 *XI )H2 ("I &X2 %Ma #I1 "A2 ZAI YH!'
