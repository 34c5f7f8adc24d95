import { generateKeyPairSync, sign } from "node:crypto"

const tlv = (tag: number, ...parts: Uint8Array[]) => {
  const content = Buffer.concat(parts)
  const size = content.length
  const length = size < 128 ? [size] : size < 256 ? [0x81, size] : [0x82, size >> 8, size & 255]
  return Buffer.concat([Buffer.from([tag, ...length]), content])
}
const sequence = (...parts: Uint8Array[]) => tlv(0x30, ...parts)
const oid = (hex: string) => tlv(0x06, Buffer.from(hex, "hex"))
const text = (tag: number, value: string) => tlv(tag, Buffer.from(value))

const ECDSA_SHA256 = sequence(oid("2a8648ce3d040302"))
const COMMON_NAME = "550403"
const SUBJECT_ALT_NAME = "551d11"

/** A new self-signed certificate for the given DNS names, so that the repository contains no key. */
export function createCertificate(...names: string[]): { key: string; cert: string } {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" })
  const name = sequence(tlv(0x31, sequence(oid(COMMON_NAME), text(0x0c, "onehook test"))))
  const altNames = sequence(...names.map((dns) => text(0x82, dns)))
  const toSign = sequence(
    tlv(0xa0, tlv(0x02, Buffer.from([2]))),
    tlv(0x02, Buffer.from([1])),
    ECDSA_SHA256,
    name,
    sequence(text(0x17, "240101000000Z"), text(0x17, "491231235959Z")),
    name,
    publicKey.export({ type: "spki", format: "der" }),
    tlv(0xa3, sequence(sequence(oid(SUBJECT_ALT_NAME), tlv(0x04, altNames)))),
  )
  const der = sequence(toSign, ECDSA_SHA256, tlv(0x03, Buffer.from([0]), sign("sha256", toSign, privateKey)))
  const base64 = der.toString("base64").replace(/.{64}(?=.)/g, "$&\n")
  return {
    key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    cert: `-----BEGIN CERTIFICATE-----\n${base64}\n-----END CERTIFICATE-----\n`,
  }
}
