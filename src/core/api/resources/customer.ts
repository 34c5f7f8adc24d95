import { z } from "zod"
import { line } from "./common.ts"

export const Customer = z
  .object({ id: z.string(), name: z.string(), created_at: z.string() })
  .meta({ id: "Customer", description: "A tenant: owner of connections, endpoints, events and keys." })
export type Customer = z.infer<typeof Customer>

export const NewCustomer = z.strictObject({ name: line(200, 1) }).meta({ id: "NewCustomer" })
export const CustomerPatch = z.strictObject({ name: line(200, 1).optional() }).meta({ id: "CustomerPatch" })
export type CustomerPatch = z.infer<typeof CustomerPatch>
