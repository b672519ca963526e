/** A text in which `d_q` and `W_Q` are a letter with its index below. */
export const Letters = ({ text }: { text: string }) => (
  <>
    {text.split(/(\b[A-Za-z]_[A-Za-z]\b)/).map((part, n) =>
      n % 2 === 0 ? (
        part
      ) : (
        <i key={n} class="letter">
          {part[0]}
          <sub>{part[2]}</sub>
        </i>
      ),
    )}
  </>
)
