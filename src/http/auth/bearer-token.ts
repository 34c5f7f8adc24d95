import type { FastifyRequest } from "fastify"

/**
 * The token of `Authorization: Bearer <token>`, whose scheme may have any case; undefined if the header has another
 * form.
 */
export function bearerToken({ headers }: FastifyRequest): string | undefined {
  return /^bearer ([\x21-\x7e]{1,500})$/i.exec(headers.authorization ?? "")?.[1]
}
