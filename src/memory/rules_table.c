/*
 * rules_table.c - what people say of themselves, and what it is about.
 *
 * The first row that matches is taken, so the narrow ones stand before the
 * wide ones.  Two memories with one key contradict each other; where several
 * can be true, what tells them apart is part of the key.
 */
#include "memory/rules.h"

#define PREFERENCE MEMORY_PREFERENCE
#define FACT MEMORY_FACT
#define ENTITY MEMORY_ENTITY
#define COMMITMENT MEMORY_COMMITMENT
#define INSTRUCTION MEMORY_INSTRUCTION
#define CONSTRAINT MEMORY_CONSTRAINT
#define HABIT MEMORY_HABIT
#define OPINION MEMORY_OPINION
#define STATE MEMORY_TEMPORARY_STATE
#define GOAL MEMORY_GOAL

#define KIN \
	"@wife|husband|partner|girlfriend|boyfriend|fiance|fiancee|son|" \
	"daughter|sister|brother|mother|mom|mum|father|dad|grandmother|" \
	"grandma|grandfather|grandpa|aunt|uncle|cousin|niece|nephew|friend|" \
	"boss|manager|colleague|coworker|roommate|flatmate|neighbour|" \
	"neighbor|teacher|doctor|dentist|therapist|dog|cat|puppy|kitten|" \
	"horse|rabbit|hamster|parrot|bird|fish|turtle|baby|child|kid|twin|" \
	"landlord|team|company|startup|band|boat|car"
#define PETS \
	"@dog|cat|puppy|kitten|horse|rabbit|hamster|parrot|bird|turtle|fish"
#define KIN_DE \
	"@frau|mann|partner|partnerin|freundin|freund|sohn|tochter|" \
	"schwester|bruder|mutter|vater|oma|opa|hund|katze|chef|chefin"

/* After somebody left something: where they are now. */
#define NOW_AT \
	"[and|but] [now] [he|she|they] [now] is|are|works [now|back] " \
	"[working] at|for|with ^"
#define LEFT_FOR "[has|have] left|quit * for ^"
#define WENT_OVER "[has|have] moved|switched|changed|transferred from * to ^"
#define IS_AT "is|are|works|work [now|back] [working] at|for|with *"

const struct rule rules_table[] = {
	/* who */
	{"my name is *", FACT, "name", .97, .9, RULE_NAMED},
	{"my first|full|last name is *", FACT, "name", .95, .9, RULE_NAMED},
	{"my nickname is *", FACT, "nickname", .9, .7, 0},
	{"i am called *", FACT, "name", .95, .9, RULE_NAMED},
	{"i am ^ $", FACT, "name", .9, .85, RULE_GREETED},
	{"ich bin ^ $", FACT, "name", .9, .85, RULE_GREETED},
	{"i go by *", FACT, "nickname", .9, .8, RULE_NAMED},
	{"you can call me *", INSTRUCTION, "nickname", .94, .85, RULE_NAMED},
	{"call me *", INSTRUCTION, "nickname", .94, .85, RULE_NAMED},
	{"people|everyone|friends call me *", FACT, "nickname", .9, .7, 0},
	{"i am # years old", FACT, "age", .95, .7, 0},
	{"i am # $", FACT, "age", .8, .6, 0},
	{"i turned|turn # [years|today|yesterday|last]", FACT, "age", .9, .7,
	 0},
	{"my age is #", FACT, "age", .95, .7, 0},
	{"my birthday is [on|in] *", FACT, "birthday", .97, .85, 0},
	{"i was born in ^ $", FACT, "birthplace", .9, .7, 0},
	{"i was born on|in *", FACT, "birthday", .95, .8, 0},
	{"my pronouns are *", INSTRUCTION, "pronouns", .97, .9, 0},
	{"my [e-mail|email] address is *", FACT, "address", .95, .8, 0},
	{"my email|e-mail is *", FACT, "email", .95, .8, 0},
	{"my phone [number] is *", FACT, "phone", .95, .8, 0},
	{"my phone|telephone|mobile|cell number is *", FACT, "phone", .95, .8,
	 0},

	/* where */
	{"i live in|at|near|on *", FACT, "home", .95, .85, 0},
	{"i live with *", FACT, "household", .9, .7, 0},
	{"i live alone", FACT, "household", .9, .7, 0},
	{"i am based in *", FACT, "home", .9, .8, 0},
	{"i am living in *", FACT, "home", .9, .8, 0},
	{"i have moved [back] to *", FACT, "home", .95, .85, 0},
	{"i moved [back] [from] [here] to *", FACT, "home", .95, .85, 0},
	{"i [have] moved from * to ^", FACT, "home", .92, .85,
	 RULE_LEFT | RULE_NAMED},
	{"i moved from @ to *", FACT, "home", .95, .85, 0},
	{"we moved to *", FACT, "home", .85, .8, 0},
	{"we have moved to *", FACT, "home", .85, .8, 0},
	{"we live in *", FACT, "home", .85, .8, 0},
	{"i relocated to *", FACT, "home", .95, .85, 0},
	{"i am moving [back] to *", COMMITMENT, "plan_move", .9, .8, 0},
	{"i am [originally] from *", FACT, "origin", .92, .75, RULE_NAMED},
	{"i come [originally] from *", FACT, "origin", .92, .75, 0},
	{"i grew up in *", FACT, "grew_up", .92, .7, 0},
	{"my home|hometown|house|flat|apartment is in *", FACT, "home", .9, .8,
	 0},
	{"my address is *", FACT, "address", .95, .8, 0},
	{"my time zone|timezone is *", FACT, "time_zone", .95, .75, 0},
	{"my timezone is *", FACT, "time_zone", .95, .75, 0},

	/* work and study */
	{"i work at|for *", FACT, "employer", .95, .8, 0},
	{"i work as a|an *", FACT, "job", .95, .8, 0},
	{"i work as *", FACT, "job", .95, .8, 0},
	{"i work from home", FACT, "workplace", .9, .7, 0},
	{"i work in|on *", FACT, "field_of_work", .9, .7, 0},
	{"i am employed at|by *", FACT, "employer", .95, .8, 0},
	{"i [have] joined *", FACT, "employer", .8, .75, RULE_NAMED},
	{"i [have] got a [new] job at|with *", FACT, "employer", .92, .8, 0},
	{"i have [got] a [new] job at|with *", FACT, "employer", .92, .8, 0},
	{"i got|have [got] a [new] job as *", FACT, "job", .92, .8, 0},
	{"i was promoted to *", FACT, "job", .92, .8, 0},
	{"i got promoted to *", FACT, "job", .92, .8, 0},
	{"i became a|an *", FACT, "job", .85, .75, RULE_WORK},
	{"i quit my job", FACT, "employer", .92, .8, RULE_ENDS},
	{"i [have] left|quit * for ^", FACT, "left_*", .9, .7,
	 RULE_LEFT | RULE_NAMED},
	{"i [have] switched|changed|transferred from * to ^", FACT, "left_*",
	 .85, .65, RULE_LEFT | RULE_NAMED},
	{"i [have] left my job", FACT, "employer", .92, .8, RULE_ENDS},
	{"i [have] lost my job", FACT, "employer", .92, .8, RULE_ENDS},
	{"i was|got laid off", FACT, "employer", .92, .8, RULE_ENDS},
	{"i was|got fired", FACT, "employer", .92, .8, RULE_ENDS},
	{"i am unemployed", FACT, "employer", .9, .75, RULE_ENDS},
	{"i am [now] retired", FACT, "job", .92, .8, 0},
	{"i [have] retired", FACT, "job", .92, .8, 0},
	{"i am self-employed|freelancing", FACT, "employer", .9, .75, 0},
	{"i run|own a|an|my *", FACT, "business", .85, .7, 0},
	{"i study at *", FACT, "school", .95, .75, 0},
	{"i study *", FACT, "studies", .92, .75, 0},
	{"i am studying *", FACT, "studies", .92, .75, 0},
	{"i go to school|university|college at|in *", FACT, "school", .9, .7,
	 0},
	{"i have a degree|phd|masters|bachelors in *", FACT, "degree", .92, .7,
	 0},
	{"i graduated from *", FACT, "education", .92, .7, 0},
	{"my job|profession|occupation is *", FACT, "job", .95, .8, 0},
	{"my employer is *", FACT, "employer", .95, .8, 0},

	/* health, food and other limits */
	{"i am [badly|severely|deadly|mildly|highly] allergic to *", CONSTRAINT,
	 "allergy_*", .97, .97, 0},
	{"i have a|an [bad|severe|mild] @ allergy", CONSTRAINT, "allergy_@",
	 .97, .97, 0},
	{"i have an allergy to *", CONSTRAINT, "allergy_*", .97, .97, 0},
	{"my @ is|are allergic to *", CONSTRAINT, "allergy_@_*", .95, .95, 0},
	{"my " KIN " ^ is allergic to *", CONSTRAINT, "allergy_^_*", .95, .95,
	 0},
	{"^ is allergic to *", CONSTRAINT, "allergy_^_*", .9, .9, 0},
	{"i am lactose|gluten|histamine|fructose intolerant", CONSTRAINT,
	 "intolerance", .97, .95, 0},
	{"i am intolerant to *", CONSTRAINT, "intolerance_*", .97, .95, 0},
	{"i cannot eat|drink|tolerate|digest *", CONSTRAINT, "avoid_*", .95, .9,
	 0},
	{"i can not eat|drink|tolerate|digest *", CONSTRAINT, "avoid_*", .95,
	 .9, 0},
	{"i do not eat|drink *", CONSTRAINT, "consume_*", .93, .85, 0},
	{"i never eat|drink *", CONSTRAINT, "consume_*", .93, .85, 0},
	{"i avoid *", CONSTRAINT, "avoid_*", .85, .75, 0},
	{"i am [a|an] [strict] "
	 "vegan|vegetarian|pescatarian|flexitarian|carnivore",
	 CONSTRAINT, "diet", .95, .9, 0},
	{"i am on a @ diet", CONSTRAINT, "diet", .9, .85, 0},
	{"i eat only|halal|kosher *", CONSTRAINT, "diet", .9, .85, 0},
	{"i eat halal|kosher $", CONSTRAINT, "diet", .92, .88, 0},
	{"i am [a] diabetic|asthmatic|celiac|coeliac|epileptic|deaf|blind|"
	 "colour-blind|color-blind|colorblind|colourblind|dyslexic|autistic",
	 CONSTRAINT, "health_condition", .95, .92, 0},
	{"i have diabetes|asthma|adhd|epilepsy|migraines|arthritis|celiac|"
	 "coeliac|dyslexia|hypertension|depression|anxiety|autism",
	 CONSTRAINT, "health_condition", .95, .92, 0},
	{"i am pregnant", FACT, "pregnancy", .95, .9, 0},
	{"i am left-handed|right-handed", FACT, "handedness", .95, .7, 0},
	{"i use a wheelchair", CONSTRAINT, "mobility", .95, .9, 0},
	{"my blood type is *", FACT, "blood_type", .95, .85, 0},
	{"my @shoe|clothing|dress|shirt size is *", FACT, "@_size", .95, .7, 0},
	{"i am afraid|scared|terrified of *", FACT, "fear_*", .9, .7, 0},
	{"i smoke", HABIT, "smoke", .9, .75, 0},
	{"i do not smoke", HABIT, "smoke", .92, .75, 0},

	/* people and animals */
	{"i am married|engaged|divorced|single|widowed|separated", FACT,
	 "marital_status", .93, .8, 0},
	{"i am in a relationship", FACT, "marital_status", .9, .75, 0},
	{"i got|am getting married|divorced|engaged", FACT, "marital_status",
	 .93, .85, 0},
	{"my " KIN " 's name is *", ENTITY, "@_name", .96, .85, 0},
	{"my " KIN " is [called|named] ^ $", ENTITY, "@_name", .94, .82, 0},
	{"my " KIN " is called|named *", ENTITY, "@_name", .95, .82, 0},
	{"my " KIN " name is *", ENTITY, "@_name", .9, .8, 0},
	{"my " KIN " [^] lives in|at|near *", FACT, "@_home", .92, .7, 0},
	{"my " KIN " [^] works at|for|as *", FACT, "@_work", .92, .7, 0},
	{"my " KIN " [^] [has] left|quit * " NOW_AT, FACT, "@_work", .9, .7,
	 RULE_LEFT | RULE_NAMED},
	{"my " KIN " [^] " LEFT_FOR, FACT, "@_left_*", .88, .68,
	 RULE_LEFT | RULE_NAMED},
	{"my " KIN " [^] " WENT_OVER, FACT, "@_left_*", .88, .68,
	 RULE_LEFT | RULE_NAMED},
	{"my " KIN " [^] now works at|for|as *", FACT, "@_work", .92, .7, 0},
	{"my " KIN " [^] " IS_AT, FACT, "@_work", .9, .7,
	 RULE_OVER | RULE_NAMED},
	{"my " KIN " [^] likes|loves|hates|prefers *", FACT, "@_taste_*", .9,
	 .7, 0},
	{"my " KIN " 's birthday is *", FACT, "@_birthday", .96, .85, 0},
	{"my " KIN " is # [years|months]", FACT, "@_age", .92, .7, 0},
	{"my " KIN " has *", FACT, "@_has", .85, .65, 0},
	{"my " KIN " ^ is *", FACT, "@_is", .85, .65, 0},
	{"i have [got] a|an|two|three [old|young|little|new] " PETS
	 " named|called *",
	 ENTITY, "@_name", .95, .82, 0},
	{"i [have] adopted|got a|an [new] " PETS " named|called *", ENTITY,
	 "@_name", .95, .82, 0},
	{"i have [got] a|an|one|two|three|four|no " PETS "|dogs|cats", FACT,
	 "pets_@", .93, .75, 0},
	{"i [have] adopted|got a|an [new] " PETS, FACT, "pets_@", .9, .75, 0},
	{"i have [got] # [young|small|little] kids|children|sons|daughters|son|"
	 "daughter",
	 FACT, "children", .93, .8, 0},
	{"i have # [younger|older|big|little] brothers|sisters|siblings|"
	 "brother|sister",
	 FACT, "siblings", .93, .75, 0},
	{"i have a|an [younger|older|big|little|twin] @brother|sister|son|"
	 "daughter|wife|husband|girlfriend|boyfriend named|called *",
	 ENTITY, "@_name", .95, .82, 0},

	/* others, by their names: where they work and live */
	{"^ [has|have] left|quit * " NOW_AT, FACT, "^_work", .9, .65,
	 RULE_OTHER | RULE_LEFT | RULE_NAMED},
	{"^ " LEFT_FOR, FACT, "^_left_*", .85, .62,
	 RULE_OTHER | RULE_LEFT | RULE_NAMED},
	{"^ " WENT_OVER, FACT, "^_left_*", .85, .62,
	 RULE_OTHER | RULE_LEFT | RULE_NAMED},
	{"^ " IS_AT, FACT, "^_work", .88, .65,
	 RULE_OTHER | RULE_OVER | RULE_NAMED},
	{"^ [now] works|work [now] at|for *", FACT, "^_work", .88, .65,
	 RULE_OTHER | RULE_NAMED},
	{"^ [now] lives|live [now] in|near *", FACT, "^_home", .88, .65,
	 RULE_OTHER | RULE_NAMED},

	/* tastes */
	{"my favorite|favourite @ is|are *", PREFERENCE, "favorite_@", .96, .8,
	 0},
	{"my favorite|favourite @ @ is|are *", PREFERENCE, "favorite_@", .95,
	 .8, 0},
	{"* is|are my favorite|favourite @ $", PREFERENCE, "favorite_@", .92,
	 .75, 0},
	{"i prefer *", PREFERENCE, "prefer_*", .93, .75, 0},
	{"i would rather have *", PREFERENCE, "prefer_*", .8, .65, 0},
	{"i do not like|enjoy|love|care [for] *", PREFERENCE, "taste_*", .93,
	 .75, 0},
	{"i dislike|hate|detest|despise|loathe *", PREFERENCE, "taste_*", .93,
	 .75, 0},
	{"i can not stand|bear *", PREFERENCE, "taste_*", .93, .75, 0},
	{"i am not [a] [big|huge] fan of *", PREFERENCE, "taste_*", .9, .7, 0},
	{"i am not into *", PREFERENCE, "taste_*", .9, .7, 0},
	{"i like|love|enjoy|adore *", PREFERENCE, "taste_*", .92, .7, 0},
	{"i am [a] [big|huge] fan of *", PREFERENCE, "taste_*", .92, .7, 0},
	{"i am [so|totally] into *", PREFERENCE, "taste_*", .9, .7, 0},
	{"i am fond of *", PREFERENCE, "taste_*", .9, .7, 0},
	{"i support|root for *", PREFERENCE, "supports", .75, .6, RULE_NAMED},

	/* how to be answered */
	{"please always *", INSTRUCTION, "always_*", .9, .85, RULE_FIRST},
	{"always *", INSTRUCTION, "always_*", .9, .85, RULE_FIRST},
	{"please never *", INSTRUCTION, "never_*", .9, .85, RULE_FIRST},
	{"never *", INSTRUCTION, "never_*", .9, .85, RULE_FIRST},
	{"from now on *", INSTRUCTION, "from_now_on_*", .95, .9, RULE_WISH},
	{"in [the] future *", INSTRUCTION, "from_now_on_*", .9, .85, 0},
	{"do not ever *", INSTRUCTION, "never_*", .9, .85, 0},

	/* habits */
	{"i [usually|always|often|normally|generally|typically|regularly] "
	 "* every day|morning|evening|night|week|weekend|month|year|monday|"
	 "tuesday|wednesday|thursday|friday|saturday|sunday|summer|winter",
	 HABIT, "habit_*", .9, .7, 0},
	{"every day|morning|evening|night|week|weekend|month|year|monday|"
	 "tuesday|wednesday|thursday|friday|saturday|sunday|summer|winter i *",
	 HABIT, "habit_*", .9, .7, 0},
	{"i * on|at mondays|tuesdays|wednesdays|thursdays|fridays|saturdays|"
	 "sundays|weekends",
	 HABIT, "habit_*", .9, .7, 0},
	{"i * once|twice|times a day|week|month|year", HABIT, "habit_*", .9, .7,
	 0},
	{"i usually|always|often|normally|generally|typically|regularly|never "
	 "*",
	 HABIT, "habit_*", .88, .68, 0},
	{"i play [the] *", HABIT, "play_*", .9, .7, 0},
	{"i practice|practise *", HABIT, "practise_*", .88, .68, 0},
	{"i collect *", HABIT, "collect_*", .88, .68, 0},
	{"my hobby is *", HABIT, "hobby", .93, .72, 0},
	{"my hobbies are *", HABIT, "hobbies", .93, .72, 0},
	{"i drink|eat *", HABIT, "consume_*", .8, .62, 0},

	/* what one speaks, has and uses */
	{"i speak *", FACT, "languages", .93, .75, 0},
	{"my native|first language is *", FACT, "native_language", .95, .8, 0},
	{"my native language|tongue is *", FACT, "native_language", .95, .8, 0},
	{"my mother tongue is *", FACT, "native_language", .95, .8, 0},
	{"i drive a|an *", FACT, "car", .93, .7, 0},
	{"my car is a|an *", FACT, "car", .93, .7, 0},
	{"i bought a|an [new|used] *", FACT, "owns_*", .85, .62, 0},
	{"i own a|an *", FACT, "owns_*", .9, .65, 0},
	{"i use * as|for my *", FACT, "uses_*", .85, .62, 0},
	{"i use * as *", FACT, "uses_*", .85, .62, 0},
	{"i use ^ $", FACT, "uses_^", .8, .6, 0},

	/* promises, plans, aims */
	{"i have [got] a|an "
	 "[new|job|doctor|doctor's|dentist|important|big|final|"
	 "first|second] @appointment|interview|exam|meeting|flight|"
	 "deadline|surgery|date|concert|reservation|test *",
	 COMMITMENT, "plan_@", .92, .8, RULE_TIMED},
	{"my @ @appointment|interview|exam|meeting|flight|surgery is on|at|in|"
	 "tomorrow|next|this",
	 COMMITMENT, "plan_@", .92, .8, 0},
	{"my @flight|wedding|exam|interview|appointment|surgery|deadline is "
	 "[on|at|in] *",
	 COMMITMENT, "plan_@", .92, .8, 0},
	{"i promised [to] *", COMMITMENT, "promise_*", .9, .8, 0},
	{"remind me to|that *", COMMITMENT, "remind_*", .93, .85, RULE_WISH},
	{"i must *", COMMITMENT, "todo_*", .82, .7, RULE_TIMED},
	{"i need|have to *", COMMITMENT, "todo_*", .82, .7, RULE_TIMED},
	{"i am going to *", COMMITMENT, "plan_*", .85, .7, RULE_TIMED},
	{"i am flying|travelling|traveling|driving to *", COMMITMENT,
	 "plan_trip_*", .9, .75, 0},
	{"i am getting|starting|leaving|visiting|meeting|taking|having|running|"
	 "hosting *",
	 COMMITMENT, "plan_*", .85, .7, RULE_TIMED},
	{"i will *", COMMITMENT, "plan_*", .82, .68, RULE_TIMED},
	{"i plan to|on *", GOAL, "plan_*", .88, .7, 0},
	{"i am planning [to|on|a|an|my] *", GOAL, "plan_*", .88, .7, 0},
	{"my goal|aim|dream|resolution is [to] *", GOAL, "goal", .93, .8, 0},
	{"i want to learn|become|lose|visit|run|buy|move|quit|stop|read|travel|"
	 "start|save|get *",
	 GOAL, "goal_*", .82, .66, 0},
	{"i am trying to learn|become|lose|quit|stop|save|eat|get|sleep *",
	 GOAL, "goal_*", .88, .7, 0},
	{"i am learning *", GOAL, "learn_*", .9, .72, 0},
	{"i learn *", GOAL, "learn_*", .85, .68, 0},
	{"i am training|saving [up] for *", GOAL, "goal_*", .9, .72, 0},

	/* for now */
	{"i feel|am [feeling] [a] [bit|little] *", STATE, "state", .85, .6,
	 RULE_STATE},
	{"i have [got] a|an|the [bad|terrible] cold|flu|headache|fever|cough|"
	 "hangover|migraine|toothache|stomachache",
	 STATE, "state_health", .9, .65, 0},
	{"i am on vacation|holiday|holidays|leave|sabbatical", STATE,
	 "state_away", .9, .65, 0},
	{"i am [currently] in|at * right now", STATE, "state_place", .88, .62,
	 0},
	{"i am [currently] in|at * this week|month|weekend", STATE,
	 "state_place", .88, .62, 0},
	{"i am [currently] in|at * today|tonight|until", STATE, "state_place",
	 .88, .62, 0},
	{"i am [currently] in|at * for # day|days|week|weeks|month|months",
	 STATE, "state_place", .88, .62, 0},
	{"i am [currently] visiting|staying in|with|at *", STATE, "state_place",
	 .85, .6, 0},
	{"i am currently @reading|watching|working *", STATE, "state_@", .8,
	 .58, 0},

	/* occupations stand late: "I am a" begins much else */
	{"i am a|an *", FACT, "job", .85, .75, RULE_WORK},

	/* opinions */
	{"i think|believe|find [that] * is|are|should *", OPINION, "opinion_*",
	 .7, .56, RULE_THING},
	{"in my opinion *", OPINION, "opinion_*", .75, .6, 0},

	/* any other thing of one's own, last */
	{"my @ is|are called|named *", ENTITY, "@_name", .88, .7, RULE_THING},
	{"my @ 's name is *", ENTITY, "@_name", .9, .72, RULE_THING},
	{"my @ 's @ is *", FACT, "%_@", .8, .6, RULE_THING},
	{"my @ is|are *", FACT, "@", .75, .58, RULE_THING},

	/* German */
	{"ich hei\xC3\x9F"
	 "e *",
	 FACT, "name", .97, .9, RULE_NAMED},
	{"mein name ist *", FACT, "name", .97, .9, RULE_NAMED},
	{"ich bin # jahre alt", FACT, "age", .95, .7, 0},
	{"ich wohne|lebe [jetzt] in *", FACT, "home", .95, .85, 0},
	{"ich bin nach * gezogen|umgezogen", FACT, "home", .95, .85, 0},
	{"ich ziehe nach *", COMMITMENT, "plan_move", .9, .8, 0},
	{"ich komme aus *", FACT, "origin", .92, .75, 0},
	{"ich arbeite [jetzt] bei|f\xC3\xBCr *", FACT, "employer", .95, .8, 0},
	{"ich arbeite als *", FACT, "job", .95, .8, 0},
	{"ich bin [ein|eine] vegetarier|vegetarierin|veganer|veganerin|vegan",
	 CONSTRAINT, "diet", .95, .9, 0},
	{"ich bin allergisch gegen|auf *", CONSTRAINT, "allergy_*", .97, .97,
	 0},
	{"ich vertrage kein|keine|keinen *", CONSTRAINT, "avoid_*", .95, .9, 0},
	{"ich esse|trinke kein|keine|keinen *", CONSTRAINT, "consume_*", .93,
	 .85, 0},
	{"ich mag kein|keine|keinen *", PREFERENCE, "taste_*", .93, .75, 0},
	{"ich mag * nicht", PREFERENCE, "taste_*", .93, .75, 0},
	{"ich hasse|verabscheue *", PREFERENCE, "taste_*", .93, .75, 0},
	{"ich mag|liebe *", PREFERENCE, "taste_*", .92, .7, 0},
	{"ich spiele|sammle *", HABIT, "play_*", .88, .68, 0},
	{"ich spreche *", FACT, "languages", .93, .75, 0},
	{"ich studiere *", FACT, "studies", .92, .75, 0},
	{"ich habe am|im|n\xC3\xA4"
	 "chsten *",
	 COMMITMENT, "plan_*", .8, .65, 0},
	{"ich habe einen|eine|ein @hund|katze namens *", ENTITY, "@_name", .95,
	 .82, 0},
	{"ich bin verheiratet|ledig|geschieden|verlobt", FACT, "marital_status",
	 .93, .8, 0},
	{"mein|meine " KIN_DE " hei\xC3\x9Ft *", ENTITY, "@_name", .95, .82, 0},
	{"mein|meine @ hei\xC3\x9Ft *", ENTITY, "@_name", .9, .75, 0},
	{"mein|meine " KIN_DE " wohnt|lebt in *", FACT, "@_home", .92, .7, 0},
	{"mein|meine @ ist|sind *", FACT, "@", .8, .6, RULE_THING},
	{"ab jetzt|sofort *", INSTRUCTION, "from_now_on_*", .95, .9, RULE_WISH},
	{"von jetzt|nun an *", INSTRUCTION, "from_now_on_*", .95, .9,
	 RULE_WISH},

	/* French */
	{"je m' appelle *", FACT, "name", .97, .9, RULE_NAMED},
	{"mon nom est *", FACT, "name", .95, .9, RULE_NAMED},
	{"j' habite|habites [\xC3\xA0|en|au] *", FACT, "home", .95, .85, 0},
	{"je vis|suis \xC3\xA0|en|au *", FACT, "home", .85, .75, 0},
	{"je travaille chez|pour *", FACT, "employer", .95, .8, 0},
	{"je travaille comme *", FACT, "job", .95, .8, 0},
	{"je suis allergique \xC3\xA0|aux|au *", CONSTRAINT, "allergy_*", .97,
	 .97, 0},
	{"je n' aime pas *", PREFERENCE, "taste_*", .93, .75, 0},
	{"je d\xC3\xA9teste *", PREFERENCE, "taste_*", .93, .75, 0},
	{"j' aime|adore *", PREFERENCE, "taste_*", .92, .7, 0},
	{"\xC3\xA0 partir de maintenant *", INSTRUCTION, "from_now_on_*", .95,
	 .9, RULE_WISH},

	/* Spanish */
	{"me llamo *", FACT, "name", .97, .9, RULE_NAMED},
	{"mi nombre es *", FACT, "name", .97, .9, RULE_NAMED},
	{"[yo] vivo en *", FACT, "home", .95, .85, 0},
	{"[yo] trabajo en|para *", FACT, "employer", .95, .8, 0},
	{"[yo] soy al\xC3\xA9rgico|al\xC3\xA9rgica a *", CONSTRAINT,
	 "allergy_*", .97, .97, 0},
	{"no me gusta|gustan *", PREFERENCE, "taste_*", .93, .75, 0},
	{"me gusta|gustan|encanta|encantan *", PREFERENCE, "taste_*", .92, .7,
	 0},
	{"[yo] odio *", PREFERENCE, "taste_*", .93, .75, 0},
	{"a partir de ahora *", INSTRUCTION, "from_now_on_*", .95, .9,
	 RULE_WISH},

	/* Italian, Dutch, Portuguese: the first things */
	{"mi chiamo *", FACT, "name", .97, .9, RULE_NAMED},
	{"[io] abito|vivo a *", FACT, "home", .95, .85, 0},
	{"[io] sono allergico|allergica a *", CONSTRAINT, "allergy_*", .97, .97,
	 0},
	{"[ik] heet *", FACT, "name", .95, .9, RULE_NAMED},
	{"ik woon in *", FACT, "home", .95, .85, 0},
	{"ik ben allergisch voor *", CONSTRAINT, "allergy_*", .97, .97, 0},
	{"ik hou van *", PREFERENCE, "taste_*", .92, .7, 0},
	{"[eu] moro em *", FACT, "home", .95, .85, 0},
	{"[eu] sou al\xC3\xA9rgico|al\xC3\xA9rgica a *", CONSTRAINT,
	 "allergy_*", .97, .97, 0},
};

const size_t rules_count = COUNT(rules_table);
