const exponential = /^(-?)(\d+)(?:\.(\d+))?e([+-]\d+)$/

/** A larger exponent is no cell that anyone wrote on purpose. */
const longestExponent = 30

const withoutExponent = (digits: string): string | null => {
  const match = exponential.exec(digits)
  if (match === null) return digits
  const [, sign = '', whole = '', fraction = '', power = ''] = match
  const exponent = Number(power)
  if (Math.abs(exponent) > longestExponent) return null
  const zeros = '0'.repeat(longestExponent)
  const point = zeros.length + whole.length + exponent
  const all = `${zeros}${whole}${fraction}${zeros}`
  const shifted = `${all.slice(0, point).replace(/^0+(?=\d)/, '')}.${all.slice(point)}`
  return `${sign}${shifted.replace(/\.?0+$/, '')}`
}

/**
 * A JSON number as decimal text without exponent; null when its digits are lost: a whole number beyond 2^53 stands for
 * several, and two records with such ids would become one row. (The readers of JSON files give those as text.)
 */
export const numberText = (value: number): string | null => {
  if (!Number.isFinite(value)) return null
  return Number.isInteger(value) && !Number.isSafeInteger(value) ? null : withoutExponent(String(value))
}
