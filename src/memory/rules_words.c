/* rules_words.c - lists of words, each one string, its words apart by blanks.
 */
#include "memory/rules.h"

static const char *const lists[RULES_LIST_COUNT] = {
	[RULES_FILLER] =
		" really absolutely totally truly definitely also just quite "
		"personally honestly basically simply still kinda certainly "
		"obviously actually "
		"wirklich sehr auch einfach eigentlich "
		"vraiment aussi realmente tambi\xC3\xA9n davvero anche echt "
		"ook ",
	[RULES_LEAD] =
		" well so and but oh ah hi hello hey ok okay yes no nope yeah "
		"also btw fyi sorry correction please because plus anyway now "
		"nowadays then thanks "
		"ja nein also naja \xC3\xBC"
		"brigens und aber hallo weil bitte "
		"bonjour salut oui non et mais hola y pero ciao ",
	[RULES_BLOCK] =
		" if when whether unless until before after once while though "
		"suppose supposing imagine pretend assume assuming say says "
		"said told tell tells asked asks wonder hope hopes wish wishes "
		"would could might maybe perhaps possibly hypothetically "
		"story novel book game dream dreamed dreamt movie film poem "
		"song example character scene thinks believes thought "
		"wenn falls ob angenommen vielleicht sagt sagte "
		"si s'il quand peut-\xC3\xAAtre cuando quiz\xC3\xA1s tal se ",
	[RULES_TASK] =
		" write rewrite translate summarise summarize explain fix "
		"review proofread correct edit improve shorten expand draft "
		"compose generate create make give list show find compare "
		"analyse analyze describe convert calculate compute solve "
		"check classify extract format implement refactor debug "
		"optimise optimize paraphrase rephrase suggest tell help "
		"answer complete continue read parse print design build forget "
		"vergiss schreib schreibe \xC3\xBC"
		"bersetze \xC3\xBC"
		"bersetz fasse "
		"erkl\xC3\xA4re korrigiere verbessere gib zeig zeige nenne "
		"\xC3\xA9"
		"cris traduis r\xC3\xA9sume explique corrige "
		"escribe traduce resume explica corrige scrivi traduci ",
	[RULES_PRETEND] = " imagine pretend suppose supposing assume assuming "
			  "hypothetically roleplay role-play act "
			  "angenommen imaginons supposons imagina supongamos ",
	[RULES_QUESTION] =
		" what who whom whose where when why how which "
		"was wer wo wann warum wie welche welcher wieso woher wohin "
		"que qui o\xC3\xB9 quand pourquoi comment quel quelle "
		"qu\xC3\xA9 qui\xC3\xA9n d\xC3\xB3nde cu\xC3\xA1ndo ",
	[RULES_AUXILIARY] =
		" do does did is are am was were can could would should will "
		"shall may might must have has had 's many much old long often "
		"far ",
	[RULES_POINTING] =
		" it this that these those you your them him her one how what "
		"when where why which who there here everything nothing "
		"something anything both few ton lot lots been "
		"es das dies dich dir dein deine ",
	[RULES_WORKPIECE] =
		" question questions code program problem problems issue "
		"issues bug error errors point guess mistake script function "
		"query build test tests app understanding answer text essay "
		"input output file files data variable class method loop "
		"array string server database table page website request "
		"assignment homework prompt example sentence paragraph letter "
		"email document report task solution algorithm model bad "
		"thinking thought concern worry impression opinion fault turn "
		"frage code problem fehler datei programm text ",
	[RULES_STATE] =
		" tired exhausted sleepy sick ill unwell sad happy angry "
		"stressed busy hungry thirsty bored nervous excited anxious "
		"worried upset cold hot late drunk hungover jetlagged "
		"jet-lagged lonely overwhelmed injured feverish "
		"feeling "
		"m\xC3\xBC"
		"de krank gestresst traurig hungrig ",
	[RULES_TIME] =
		" today tonight tomorrow monday tuesday wednesday thursday "
		"friday saturday sunday january february march april june "
		"july august september october november december next soon "
		"weekend week month year morning evening afternoon noon by "
		"before summer winter spring autumn christmas easter later "
		"heute morgen montag dienstag mittwoch donnerstag freitag "
		"samstag sonntag n\xC3\xA4"
		"chste n\xC3\xA4"
		"chsten "
		"n\xC3\xA4"
		"chstes bald "
		"demain lundi mardi mercredi jeudi vendredi ma\xC3\xB1"
		"ana ",
	[RULES_BREAK] =
		" because and but so when since although though which that "
		"if as while than over every each at in on for with from by "
		"most more anymore any very last next about around ago today "
		"tomorrow yesterday again too after before "
		"during until who now rather instead daily weekly these "
		"weil und aber seit mit in im jeden jede jeder ",
	[RULES_ARTICLE] =
		" a an the my our some any all to be of his her their its "
		"this new drinking eating "
		"der die das den dem ein eine einen einer meine mein le la "
		"les l' un une des du el los las una il lo i gli de het een ",
	[RULES_VERB] =
		" love like hate live work prefer enjoy dislike drink eat play "
		"have am speak study own drive adore detest smoke use want "
		"moved run swim am do never always usually "
		"mag liebe hasse wohne arbeite trinke esse habe bin spiele ",
	[RULES_NOT_WORK] =
		" bit little lot huge big fan few long total complete very "
		"person human man woman guy girl boy kid child people user "
		"different member part morning night good bad great quick slow "
		"heavy light early late tad pretty single married ",
	[RULES_NO_NAME] =
		" i he she it we you they this that these those who what "
		"which where when why how everybody everyone everything "
		"somebody someone something anybody anyone anything nobody "
		"none nothing one all both each every some any many most few "
		"several other others another a an the my your his her its "
		"our their here there god let if unless until while because "
		"as since although though whether imagine suppose pretend "
		"maybe perhaps today yesterday tomorrow tonight then now "
		"once soon later in on at to from by for with of about after "
		"before during under over into like not no never always often "
		"sometimes usually please and or but so nor yet yes ok okay "
		"well oh hi hello hey thanks sorry also still just only "
		"monday tuesday wednesday thursday friday saturday sunday "
		"january february march april june july august september "
		"october november december people man men woman women "
		"customer customers user users employee employees "
		"er sie es wir ihr wer was wo wann man jeder jemand niemand "
		"der die das ein eine mein meine il elle on nous vous ils ",
};

bool
rules_word(enum rule_list list, const char *word)
{
	size_t n = strlen(word);

	if (n == 0)
		return false;
	/* A list begins with a blank, so at[-1] is there. */
	for (const char *at = lists[list]; (at = strstr(at, word)); at += n) {
		if (at[-1] == ' ' && at[n] == ' ')
			return true;
	}
	return false;
}

bool
rules_one_of(const char *word, const char *list)
{
	size_t n = strlen(word);

	for (const char *at = list; n && (at = strstr(at, word)); at += n) {
		if ((at == list || at[-1] == '|') &&
		    (at[n] == '|' || at[n] == '\0'))
			return true;
	}
	return false;
}

static const char *const bases[][2] = {
	{"smoking", "smoke"},
	{"drinking", "drink"},
	{"eating", "eat"},
	{"running", "run"},
	{"playing", "play"},
	{"working", "work"},
	{"cycling", "cycle"},
	{"biking", "bike"},
	{"jogging", "jog"},
	{"swimming", "swim"},
	{"driving", "drive"},
	{"vaping", "vape"},
	{"taking", "take"},
	{"using", "use"},
	{"going", "go"},
	{"doing", "do"},
	{"living", "live"},
	{"reading", "read"},
	{"watching", "watch"},
	{"writing", "write"},
	{"dancing", "dance"},
	{"making", "make"},
	{"having", "have"},
	{"getting", "get"},
	{"riding", "ride"},
	{"hiking", "hike"},
	{"liking", "like"},
	{"learning", "learn"},
	{"studying", "study"},
	{"teaching", "teach"},
	{"baking", "bake"},
	{"skiing", "ski"},
	{"commuting", "commute"},
	{"meditating", "meditate"},
	{"practicing", "practice"},
	{"practising", "practise"},
	{"sitting", "sit"},
	{"shopping", "shop"},
	{"being", "be"},
	{"wearing", "wear"},
	{"speaking", "speak"},
};

bool
rules_base(const char *word, char out[RULE_WORD])
{
	size_t n = strlen(word);

	for (size_t i = 0; i < COUNT(bases); i++) {
		if (strcmp(word, bases[i][0]) == 0) {
			memcpy(out, bases[i][1], strlen(bases[i][1]) + 1);
			return true;
		}
	}
	if (n < 6 || strcmp(word + n - 3, "ing") != 0)
		return false;
	memcpy(out, word, n - 3);
	out[n - 3] = '\0';
	return true;
}
