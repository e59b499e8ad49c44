import type { Session } from '../warehouse/session.ts'
import { loadError } from './load-error.ts'
import { inTurn } from './turns.ts'

/** The same work, whose errors are named by what the caller does next. */
export const told =
  <A extends readonly unknown[], T>(what: string, work: (...args: A) => Promise<T>) =>
  async (...args: A): Promise<T> => {
    try {
      return await work(...args)
    } catch (error) {
      throw loadError(error, what)
    }
  }

/** The same, in its turn on the session. */
export const asked = <A extends readonly unknown[], T>(
  session: Session,
  what: string,
  work: (...args: A) => Promise<T>,
) => told(what, (...args: A) => inTurn(session, () => work(...args)))

/** The same for pages, each in its turn: between two of them the session is free. */
export async function* askedEach<T>(
  session: Session,
  what: string,
  pages: AsyncGenerator<T, void, undefined>,
): AsyncGenerator<T, void, undefined> {
  const next = asked(session, what, () => pages.next())
  for (let page = await next(); page.done !== true; page = await next()) yield page.value
}
