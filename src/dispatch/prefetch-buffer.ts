import { CONVERSATION_AHEAD } from "../core/delivery/conversation.ts"
import type { Delivery } from "../core/delivery/delivery.ts"

/** A conversation that has a delivery in the buffer. */
interface Conversation {
  /** The delivery whose turn it is: ready, or in flight. */
  headId: string
  followers: Delivery[]
  /** Others may be in the store that could not be taken along. */
  mayBeMore: boolean
}

/** What all drains of a process hold together. */
export interface Load {
  held: number
}

/**
 * What a drain holds: read ahead and not sent, or sent and not recorded. Of a conversation whose order counts one
 * delivery at a time is ready or in flight; the next follows when that one has succeeded or is given up. When it is to
 * be tried again, those behind it are let go, and the conversation waits alone.
 */
export function createPrefetchBuffer(load: Load = { held: 0 }) {
  const held = new Set<string>()
  let ready: Delivery[] = []
  let replays: Delivery[] = []
  let followers = 0
  const conversations = new Map<string, Conversation>()
  /** Left the buffer unfinished since the claim under way was asked for, which took them for held. */
  const leftSinceClaim = new Set<string>()
  /** Conversations whose next delivery may be in the store, and those that the claim under way asks for. */
  const goingOn = new Set<string>()
  const askedFor = new Set<string>()

  function add(delivery: Delivery): boolean {
    if (delivery.conversationId !== null && leftSinceClaim.has(delivery.conversationId)) return false
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

  /** @returns the conversation to wait in; undefined for whom it is free */
  function joinConversation({ id, conversationId, attempts }: Delivery): Conversation | undefined {
    if (conversationId === null) return undefined
    const known = conversations.get(conversationId)
    if (known) known.mayBeMore ||= known.followers.length + 2 >= CONVERSATION_AHEAD
    else {
      // Of one that was asked for there may be more until there is none.
      const mayBeMore = attempts > 0 || askedFor.has(conversationId)
      conversations.set(conversationId, { headId: id, followers: [], mayBeMore })
    }
    return known
  }

  function drop(id: string) {
    held.delete(id)
    load.held -= 1
  }

  function dropFollowers(conversationId: string, conversation: Conversation) {
    leftSinceClaim.add(conversationId)
    for (const { id } of conversation.followers) drop(id)
    followers -= conversation.followers.length
    conversation.followers = []
  }

  return {
    /** @returns false where something before it in its conversation has left the buffer meanwhile */
    add,
    /** Nor is taken what comes after it in its conversation, until the next claim. */
    refuse({ conversationId }: Delivery): false {
      if (conversationId !== null) leftSinceClaim.add(conversationId)
      return false
    },
    /** What a claim is told to leave out, and which conversations to go on with. */
    forClaim() {
      leftSinceClaim.clear()
      askedFor.clear()
      for (const conversationId of goingOn) askedFor.add(conversationId)
      goingOn.clear()
      return { held: [...held], conversations: [...askedFor] }
    },
    /** The claim had no room for more, so of what it was asked for there may be some that it did not bring. */
    claimWasFilled() {
      for (const conversationId of askedFor) if (!conversations.has(conversationId)) goingOn.add(conversationId)
    },
    isEmpty: () => held.size === 0,
    size: () => held.size,
    /** How many wait to be sent, apart from replays. */
    ahead: () => ready.length + followers,
    replaysAhead: () => replays.length,
    hasAhead: (is: (delivery: Delivery) => boolean): boolean =>
      ready.some(is) || replays.some(is) || [...conversations.values()].some((one) => one.followers.some(is)),

    /** What is to be sent next: a replay only where nothing else is ready. */
    next: (mayReplay: boolean): Delivery | undefined => ready[0] ?? (mayReplay ? replays[0] : undefined),

    /** The one that `next` named goes out. */
    sent(delivery: Delivery) {
      if (ready[0] === delivery) ready.shift()
      else replays.shift()
    },

    /**
     * It has succeeded or is given up, recorded or not: its conversation goes on.
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
      if (conversation.mayBeMore) goingOn.add(conversationId)
      return conversation.mayBeMore
    },

    /** Its result is recorded. Where it is to be tried again, nothing behind it may go before. */
    recorded({ id, conversationId }: Delivery) {
      drop(id)
      const conversation = conversationId === null ? undefined : conversations.get(conversationId)
      if (conversationId === null || conversation?.headId !== id) return
      dropFollowers(conversationId, conversation)
      conversations.delete(conversationId)
    },

    /** Forgets what is not in flight. */
    discardPrefetched() {
      for (const [id, conversation] of conversations) dropFollowers(id, conversation)
      for (const { id, conversationId } of [...ready, ...replays]) {
        drop(id)
        if (conversationId !== null) conversations.delete(conversationId)
      }
      ready = []
      replays = []
      goingOn.clear()
    },
  }
}
