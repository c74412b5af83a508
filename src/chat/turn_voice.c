/* turn_voice.c - who answers, and how. */
#include "turn.h"

void
chat_let_speak(struct chat *chat, const struct voice *voice)
{
	chat->voice = voice;
	chat->llm = voice->llm;
	chat->system = voice->system;
	chat->memory_tokens = voice->memory_tokens;
	chat->context_tokens = voice->context_tokens;
	chat->context_known = voice->context_known;
}

void
turn_speak_as(struct chat_turn *turn, const struct voice *voice)
{
	if (voice && turn->request.temperature < 0)
		turn->request.temperature = voice->temperature;
	if (voice && turn->request.max_tokens == 0)
		turn->request.max_tokens = voice->max_tokens;
}
