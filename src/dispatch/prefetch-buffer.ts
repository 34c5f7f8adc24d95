import { CONVERSATION_AHEAD } from "../core/delivery/conversation.ts"
import type { Delivery } from "../core/delivery/delivery.ts"

/** An ordered conversation that has a delivery in the buffer. */
interface Conversation {
  /** The one delivery that is ready or in flight. */
  headId: string
  followers: Delivery[]
  /** The store may have further deliveries that the claim did not return. */
  mayHaveMore: boolean
}

/** The number of deliveries that all drains of a process hold together. */
export interface Load {
  held: number
}

/**
 * The deliveries that a drain holds: prefetched and not sent, or sent and not recorded. Of an ordered conversation only
 * the head is ready or in flight; the next one follows when the head succeeded or is exhausted. If the head is to be
 * retried, its followers are dropped from the buffer and claimed again after it.
 */
export function createPrefetchBuffer(load: Load = { held: 0 }) {
  const held = new Set<string>()
  let ready: Delivery[] = []
  let replays: Delivery[] = []
  let followers = 0
  const conversations = new Map<string, Conversation>()
  /** Conversations that lost an unfinished delivery after the current claim was requested, which counted it as held. */
  const droppedSinceClaim = new Set<string>()
  /** Conversations to request with the next claim, since the store may have more of them. */
  const toRequest = new Set<string>()
  /** Conversations requested with the current claim. */
  const requested = new Set<string>()

  function add(delivery: Delivery): boolean {
    if (delivery.conversationId !== null && droppedSinceClaim.has(delivery.conversationId)) return false
    held.add(delivery.id)
    load.held += 1
    const conversation = joinConversation(delivery)
    if (conversation) {
      conversation.followers.push(delivery)
      followers += 1
    } else if (delivery.trigger === "replay") replays.push(delivery)
    else ready.push(delivery)
    return true
  }

  /** @returns the conversation in which the delivery must wait; undefined if it is ready */
  function joinConversation({ id, conversationId, attempts }: Delivery): Conversation | undefined {
    if (conversationId === null) return undefined
    const known = conversations.get(conversationId)
    if (known) known.mayHaveMore ||= known.followers.length + 2 >= CONVERSATION_AHEAD
    else {
      // A requested conversation is requested again until a claim returns nothing of it.
      const mayHaveMore = attempts > 0 || requested.has(conversationId)
      conversations.set(conversationId, { headId: id, followers: [], mayHaveMore })
    }
    return known
  }

  function remove(id: string) {
    held.delete(id)
    load.held -= 1
  }

  function dropFollowers(conversationId: string, conversation: Conversation) {
    droppedSinceClaim.add(conversationId)
    for (const { id } of conversation.followers) remove(id)
    followers -= conversation.followers.length
    conversation.followers = []
  }

  return {
    /** @returns false if an earlier delivery of its conversation was dropped after the claim was requested */
    add,
    /** Does not take a claimed delivery, nor later ones of its conversation before the next claim. */
    refuse({ conversationId }: Delivery): false {
      if (conversationId !== null) droppedSinceClaim.add(conversationId)
      return false
    },
    /** Starts a claim: the ids that it must leave out, and the conversations to request. */
    forClaim() {
      droppedSinceClaim.clear()
      requested.clear()
      for (const conversationId of toRequest) requested.add(conversationId)
      toRequest.clear()
      return { held: [...held], conversations: [...requested] }
    },
    /** The claim reached its limit, so requested conversations that it did not return are requested again. */
    claimWasFilled() {
      for (const conversationId of requested) if (!conversations.has(conversationId)) toRequest.add(conversationId)
    },
    isEmpty: () => held.size === 0,
    size: () => held.size,
    /** Deliveries waiting to be sent, without replays. */
    prefetched: () => ready.length + followers,
    prefetchedReplays: () => replays.length,
    hasPrefetched: (matches: (delivery: Delivery) => boolean): boolean =>
      ready.some(matches) ||
      replays.some(matches) ||
      [...conversations.values()].some((one) => one.followers.some(matches)),

    /** The delivery to send next, which stays in the buffer; a replay only if nothing else is ready. */
    peek: (mayReplay: boolean): Delivery | undefined => ready[0] ?? (mayReplay ? replays[0] : undefined),

    /** The delivery that `peek` returned is being sent. */
    sent(delivery: Delivery) {
      if (ready[0] === delivery) ready.shift()
      else replays.shift()
    },

    /**
     * The delivery succeeded or is exhausted, recorded or not: the next one of its conversation becomes ready.
     *
     * @returns whether the store may have more of the conversation
     */
    settled({ conversationId }: Delivery): boolean {
      const conversation = conversationId === null ? undefined : conversations.get(conversationId)
      if (!conversation || conversationId === null) return false
      const next = conversation.followers.shift()
      if (next) {
        followers -= 1
        conversation.headId = next.id
        ready.push(next)
        return false
      }
      conversations.delete(conversationId)
      if (conversation.mayHaveMore) toRequest.add(conversationId)
      return conversation.mayHaveMore
    },

    /** The result is recorded. If the delivery is to be retried, the followers of its conversation are dropped. */
    recorded({ id, conversationId }: Delivery) {
      remove(id)
      const conversation = conversationId === null ? undefined : conversations.get(conversationId)
      if (conversationId === null || conversation?.headId !== id) return
      dropFollowers(conversationId, conversation)
      conversations.delete(conversationId)
    },

    /** Drops everything that is not in flight. */
    discardPrefetched() {
      for (const [id, conversation] of conversations) dropFollowers(id, conversation)
      for (const { id, conversationId } of [...ready, ...replays]) {
        remove(id)
        if (conversationId !== null) conversations.delete(conversationId)
      }
      ready = []
      replays = []
      toRequest.clear()
    },
  }
}

export type PrefetchBuffer = ReturnType<typeof createPrefetchBuffer>
