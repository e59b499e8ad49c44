import { InvalidArgumentError } from 'commander'

/** An option that is a number of things. */
export const readCount = (text: string): number => {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('Write a whole number.')
  return Number(text)
}
