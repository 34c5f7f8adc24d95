import { expect, it } from "vitest"
import { normalize } from "../../../src/platforms/index.ts"
import { whatsapp } from "../../support/whatsapp.ts"
import { breaches } from "../support/contract.ts"
import { fullEvents } from "../support/fixtures.ts"

const GROUP = "Y2FwaV9ncm91cDox"
const PHONE = "16505550134"
const OTHER = "16505550172"
const BSUID = "US.13490000000000001918"
const error = { code: 131021, title: "t", message: "m", error_data: { details: "d" } }
const told = { code: 131021, title: "t", message: "m", details: "d" }

function groupOf(field: string, group: object) {
  const { drafts } = normalize("whatsapp", whatsapp("10962", { groups: [{ group_id: GROUP, ...group }] }, field))
  expect(drafts).toMatchObject([{ event: "group.updated", from: GROUP, contact: GROUP }])
  expect(fullEvents({ drafts, faults: [] }).map(breaches)).toEqual([null])
  return drafts[0]?.details.group
}

it.each([
  [
    "is made",
    "group_lifecycle_update",
    {
      ...{ type: "group_create", request_id: "r", subject: "s", description: "d", invite_link: "https://chat" },
      join_approval_mode: "approval_required",
    },
    {
      ...{ kind: "group_create", request_id: "r", subject: "s", description: "d", invite_link: "https://chat" },
      join_approval_mode: "approval_required",
    },
  ],
  [
    "could not be made",
    "group_lifecycle_update",
    { type: "group_create", request_id: "r", errors: [error] },
    {
      kind: "group_create",
      request_id: "r",
      errors: [told],
    },
  ],
  [
    "is deleted",
    "group_lifecycle_update",
    { type: "group_delete", request_id: "r" },
    {
      kind: "group_delete",
      request_id: "r",
    },
  ],
  [
    "has new members",
    "group_participants_update",
    {
      type: "group_participants_add",
      reason: "invite_link",
      added_participants: [{ wa_id: PHONE, user_id: BSUID }, { wa_id: OTHER }],
    },
    {
      kind: "group_participants_add",
      reason: "invite_link",
      participants: [
        { change: "added", wa_id: PHONE, bsuid: BSUID },
        { change: "added", wa_id: OTHER },
      ],
    },
  ],
  [
    "has members less, and one who could not be removed",
    "group_participants_update",
    {
      type: "group_participants_remove",
      initiated_by: "business",
      request_id: "r",
      removed_participants: [{ input: PHONE }],
      failed_participants: [{ input: BSUID, errors: [error] }],
      errors: [error],
    },
    {
      kind: "group_participants_remove",
      initiated_by: "business",
      request_id: "r",
      participants: [
        { change: "removed", wa_id: PHONE, input: PHONE },
        { change: "failed", bsuid: BSUID, input: BSUID, errors: [told] },
      ],
      errors: [told],
    },
  ],
  [
    "is asked to let somebody in",
    "group_participants_update",
    {
      type: "group_join_request_created",
      join_request_id: "j",
      wa_id: PHONE,
      user_id: BSUID,
      parent_user_id: "US.ENT.1",
      username: "@ann",
    },
    {
      kind: "group_join_request_created",
      join_request_id: "j",
      participants: [
        { change: "join_request_created", wa_id: PHONE, bsuid: BSUID, parent_bsuid: "US.ENT.1", username: "ann" },
      ],
    },
  ],
  [
    "is no longer asked",
    "group_participants_update",
    {
      type: "group_join_request_revoked",
      join_request_id: "j",
      wa_id: PHONE,
    },
    {
      kind: "group_join_request_revoked",
      join_request_id: "j",
      participants: [{ change: "join_request_revoked", wa_id: PHONE }],
    },
  ],
  [
    "has other settings",
    "group_settings_update",
    {
      type: "group_settings_update",
      request_id: "r",
      group_subject: { text: "VIP", update_successful: true },
      group_description: { text: "d", update_successful: false, errors: [error] },
      profile_picture: { mime_type: "image/png", sha256: "x", update_successful: true },
    },
    {
      kind: "group_settings_update",
      request_id: "r",
      settings: [
        { name: "subject", value: "VIP", successful: true },
        { name: "description", value: "d", successful: false, errors: [told] },
        { name: "profile_picture", successful: true },
      ],
    },
  ],
  ["is suspended", "group_status_update", { type: "group_suspend" }, { kind: "group_suspend" }],
  ["does what is not known yet", "group_status_update", { type: "GROUP_SPARKLE" }, { kind: "group_sparkle" }],
])("a group that %s is told so", (_, field, group, expected) => {
  expect(JSON.parse(JSON.stringify(groupOf(field, group)))).toEqual(expected)
})

it("a group that could not be made has no id, and is of nobody", () => {
  const groups = [{ type: "group_create", request_id: "r", errors: [error] }]
  const { drafts } = normalize("whatsapp", whatsapp("10962", { groups }, "group_lifecycle_update"))
  expect(drafts).toMatchObject([
    { event: "group.updated", from: "", contact: "", details: { group: { request_id: "r" } } },
  ])
})

it("a group is read where it is not in a list", () => {
  const value = { group_id: GROUP, type: "group_suspend" }
  const { drafts } = normalize("whatsapp", whatsapp("10962", value, "group_status_update"))
  expect(drafts).toMatchObject([{ event: "group.updated", from: GROUP, details: { group: { kind: "group_suspend" } } }])
})
