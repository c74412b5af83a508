/*
 * A little of everything that people write to each other and to machines:
 * talk, questions, answers, code, logs, notices, several languages.  The mean
 * and the axes of word pieces come from it; changing a line changes
 * SPACE_VERSION.
 */
#include "space.h"

static const char *const lines[] = {
	"I finally signed up for the pottery class on Thursday evenings, and "
	"my first bowl came out crooked.",
	"My sister is getting married in October, so we are looking for a "
	"small hotel near the lake.",
	"Did you hear back from the landlord about the broken heating?",
	"We adopted a grey kitten last week; the kids want to call her Pebble.",
	"That sounds wonderful! How long have you been learning the cello?",
	"I have been running three times a week since January and my knee "
	"feels much better now.",
	"Yesterday I burned the lentil soup because I was on the phone with "
	"the bank for an hour.",
	"Thanks for asking. The interview went well, and they promised an "
	"answer before Friday.",
	"My grandfather grew up on a farm in the hills and still gets up "
	"before sunrise.",
	"We drove to the coast on Saturday, swam until it got cold, and ate "
	"fried fish on the pier.",
	"I'm allergic to peanuts, so please leave them out of the cake.",
	"Two months ago I moved from a shared flat to a place of my own, with "
	"a tiny balcony.",
	"What did the doctor say about the cough? Is it still bad at night?",
	"Our team lost the final by one point, but everybody sang on the bus "
	"home.",
	"The book club chose a long novel about a lighthouse keeper, and I am "
	"only on page forty.",
	"She works as a nurse in the children's ward and has night shifts "
	"every other week.",
	"Can you believe it? The parcel went to our old address again.",
	"I started therapy in spring, and talking about my father was harder "
	"than I expected.",
	"Remind me to water the tomatoes when you leave for your parents' "
	"house.",
	"He quit his job at the insurance company to open a bakery with his "
	"best friend.",
	"My favourite colour is dark green, and I never drink coffee after "
	"noon.",
	"We are saving for a camper van so that we can travel through the "
	"north next summer.",
	"I volunteered at the animal shelter last year and still visit the old "
	"dog, Bruno.",
	"Happy birthday! I hope you like the scarf, my aunt knitted it "
	"herself.",
	"Our daughter takes her first swimming lesson tomorrow and cannot "
	"sleep.",
	"The concert was cancelled because of the storm, so we played cards by "
	"candlelight.",
	"I painted the kitchen yellow, which seemed a good idea at the time.",
	"My brother broke his wrist while snowboarding in February and missed "
	"half the term.",
	"It means a lot to me that you came to the exhibition opening.",
	"After the flood we lost the cellar, the piano and all the photographs "
	"from the seventies.",
	"I'd like to become a counsellor and work with teenagers who feel "
	"alone.",
	"The neighbours brought us soup when everyone here had the flu.",
	"Do you still play chess online with that professor from Lisbon?",
	"We went camping with the kids: marshmallows, mosquitoes and a sky "
	"full of stars.",
	"I was so nervous before the speech that I forgot the first sentence.",
	"His new phone was stolen on the train between Milan and Turin.",
	"They got engaged on a mountain at sunrise, and the ring nearly fell "
	"into the snow.",
	"My therapist suggested that I write down three good things every "
	"evening.",
	"I have lived in this town for eleven years and still get lost behind "
	"the station.",
	"The charity race raised more than four thousand euros for the "
	"hospital.",
	"Wow, that photo is gorgeous. Where did you take it?",
	"[shared a photo: two children building a sand castle on a beach]",
	"[shared a photo: a plate of pasta with basil and cherry tomatoes]",
	"[shared a photo: a man holding a guitar in front of a brick wall]",
	"I'm learning Portuguese because my partner's family comes from Porto.",
	"Grandma taught me the recipe for plum dumplings when I was nine.",
	"The mortgage was approved this morning, so we get the keys on the "
	"first of June.",
	"I gave up meat five years ago and do not miss it, except for my "
	"uncle's stew.",
	"Let's meet at the museum at half past two; the tickets are under my "
	"name.",
	"Sorry for the late reply, the whole family had to move in with us for "
	"a week.",
	"No worries at all. Take your time and tell me when you feel better.",
	"My car would not start, so I took the tram and arrived soaking wet.",
	"She published her second collection of poems and dedicated it to her "
	"mother.",
	"I prefer window seats, aisle seats make me feel watched.",
	"We planted an apple tree when our son was born; it is taller than he "
	"is now.",
	"Last night's game went to overtime and I lost my voice cheering.",
	"The vet says the rabbit needs a softer diet and fewer carrots.",
	"Do you want to join us for the lantern festival next month?",
	"I am proud of how far you have come since that difficult winter.",
	"Her startup sells repaired laptops to schools, and they just hired a "
	"fifth person.",
	"He is afraid of dogs because one bit him at the playground when he "
	"was four.",
	"On Monday I have the dentist, on Tuesday the tax office, and on "
	"Wednesday I will hide.",
	"My roommate plays the drums. Need I say more?",
	"We watched an old film about pirates and laughed until midnight.",
	"Meditation helps me more than I would have thought, even ten minutes "
	"a day.",
	"I forgot my password again and the reset mail never arrives.",
	"The kids made pancakes for breakfast; there is flour on the ceiling.",
	"You were right about the blue jacket, it fits me perfectly.",
	"My cousin serves in the navy and is home twice a year.",
	"The river froze over in December 2021 and people skated to work.",
	"I scored ninety-two points in the exam, the best result of my class.",
	"We are expecting a baby in early March, and I have told nobody but "
	"you.",
	"Which of the two flats did you take in the end, the quiet one or the "
	"bright one?",
	"It was my first marathon: four hours, eleven minutes and two lost "
	"toenails.",
	"They want to build a wind park behind the village, and half the "
	"council is against it.",
	"I dreamed that the ocean came up to our window, calm and green as "
	"glass.",
	"Please send the invoice to the new address and put the order number "
	"on top.",
	"The meeting is moved to Thursday, 14:30, room B204; bring the budget "
	"figures.",
	"Attached is the contract with my comments; clauses four and nine need "
	"your lawyer.",
	"Our flight to Vienna leaves at 6:45 from gate 22, so set two alarms.",
	"The rent is 840 a month without heating, and the deposit is three "
	"months.",
	"Could you summarise this article in three sentences for a "
	"ten-year-old?",
	"Here is a short plan for learning the guitar: chords in week one, "
	"rhythm in week two, a song in week three.",
	"Of course! To remove red wine from cotton, blot it, cover it with "
	"salt, and wash it cold.",
	"The capital of Australia is Canberra, which was chosen as a "
	"compromise between Sydney and Melbourne.",
	"Photosynthesis turns light, water and carbon dioxide into sugar and "
	"oxygen.",
	"1. Preheat the oven to 200 degrees. 2. Slice the potatoes thinly. 3. "
	"Bake for forty minutes.",
	"As a rule of thumb, stretch after you exercise, drink enough water, "
	"and sleep at least seven hours.",
	"There are three common causes: a loose cable, an outdated driver, or "
	"a failing disk.",
	"I would recommend starting with the smaller model, since it is faster "
	"and nearly as accurate.",
	"In short: yes, you can deduct the desk, but not the coffee machine.",
	"The French Revolution began in 1789 and changed how Europe thought "
	"about power.",
	"A balanced diet contains vegetables, whole grains, protein, and some "
	"fat.",
	"If x squared equals forty-nine, then x is seven or minus seven.",
	"The median is the middle value of an ordered list; the mean is the "
	"sum divided by the count.",
	"Here's how I would phrase the email: Dear Ms Okafor, thank you for "
	"your patience.",
	"Black holes are regions where gravity is so strong that nothing, not "
	"even light, escapes.",
	"Interest rates rise, bond prices fall; that is the whole relationship "
	"in one line.",
	"For a trip of ten days I suggest Kyoto, Nara, Hiroshima and two quiet "
	"days in the mountains.",
	"The difference between a virus and a bacterium matters, because "
	"antibiotics only work on the latter.",
	"You can use a hash map to count words in a single pass over the text.",
	"The theorem holds for every continuous function on a closed interval.",
	"To renew a passport you need a recent photo, the old passport, and "
	"proof of address.",
	"Vaccines train the immune system to recognise a germ before it can do "
	"harm.",
	"Shakespeare wrote tragedies, comedies and histories, and about one "
	"hundred and fifty sonnets.",
	"It depends on your budget: the cheaper camera is fine for travel, the "
	"other one for portraits.",
	"def add(values): total = 0; for v in values: total += v; return total",
	"for (int i = 0; i < n; i++) { if (list[i] == NULL) return false; sum "
	"+= list[i]->weight; }",
	"SELECT name, COUNT(*) FROM orders WHERE created_at > '2024-01-01' "
	"GROUP BY name ORDER BY 2 DESC;",
	"git commit -m \"fix the parser\" && git push origin main",
	"const total = items.filter(x => x.price > 10).map(x => x.price * "
	"1.2).reduce((a, b) => a + b, 0);",
	"import numpy as np; weights = np.random.randn(128, 64) / np.sqrt(64)",
	"sudo apt-get install build-essential libssl-dev && make -j4 && sudo "
	"make install",
	"public class Account { private double balance; public void "
	"deposit(double amount) { balance += amount; } }",
	"<div class=\"card\"><h2>Title</h2><p>Some text with a <a "
	"href=\"/more\">link</a>.</p></div>",
	"{\"id\": 17, \"name\": \"Ada\", \"tags\": [\"admin\", \"beta\"], "
	"\"active\": true, \"score\": 0.83}",
	"curl -X POST https://api.example.com/v1/items -H \"Content-Type: "
	"application/json\" -d '{\"a\": 1}'",
	"Traceback (most recent call last): File \"app.py\", line 42, in main: "
	"KeyError: 'user_id'",
	"2024-03-11 08:14:02 ERROR worker[7]: connection to 10.0.0.5:5432 "
	"refused, retrying in 5s",
	"Segmentation fault (core dumped) after upgrading to version 3.2.1 of "
	"the library",
	"WARN disk usage on /dev/sda1 is at 91%, 4.2 GB free",
	"if err != nil { return fmt.Errorf(\"open config: %w\", err) }",
	"The function returns a pointer that the caller must free, or NULL "
	"with errno set.",
	"docker run --rm -p 8080:80 -v \"$PWD\":/srv nginx:alpine",
	"Undefined reference to `main' means that the linker did not find your "
	"entry point.",
	"class Tree: def __init__(self, left=None, right=None): self.left, "
	"self.right = left, right",
	"The test fails only on Windows, because the path separator is hard "
	"coded.",
	"CPU usage went from 35% to 98% after the deploy at 16:20 UTC.",
	"# TODO: replace the linear search by a binary one once the list is "
	"sorted",
	"kubectl get pods -n staging shows three restarts in the last hour",
	"[INFO] 1,284 records imported, 3 skipped, 0 failed in 12.7 s",
	"print(\"hello, world\")  # prints a greeting",
	"Je cherche un appartement calme près de la gare, avec deux chambres "
	"et un balcon.",
	"Hier soir nous avons mangé une tarte aux pommes chez ma grand-mère.",
	"Peux-tu m'expliquer la différence entre le passé composé et "
	"l'imparfait ?",
	"Meine Schwester studiert Medizin in Leipzig und kommt nur an "
	"Weihnachten nach Hause.",
	"Am Wochenende wandern wir im Harz, wenn das Wetter hält.",
	"Wie lange dauert es, bis der neue Ausweis fertig ist?",
	"Mi hermano trabaja en un restaurante y cocina los domingos para toda "
	"la familia.",
	"¿Qué tiempo hará mañana en la costa? Quiero llevar a los niños a la "
	"playa.",
	"Ieri ho perso il treno e ho dormito in stazione con un libro e due "
	"arance.",
	"Vorrei prenotare un tavolo per quattro persone alle otto.",
	"Amanhã começo no novo emprego e estou um pouco nervosa.",
	"Wij gaan volgende week met de fiets naar zee.",
	"Jag bor i en liten by där alla känner varandra.",
	"W sobotę jedziemy do babci na imieniny i pieczemy sernik.",
	"Вчера мы ходили в театр, а потом долго гуляли по набережной.",
	"Как приготовить хороший борщ без мяса?",
	"我昨天和朋友去公园散步,晚上一起吃火锅。",
	"你能帮我写一封辞职信吗?语气要客气一点。",
	"週末に京都へ行って、古いお寺を見てきました。",
	"이번 주말에 가족과 함께 바다에 갈 거예요.",
	"أريد أن أتعلم العزف على العود هذا العام.",
	"मुझे सुबह की चाय और अखबार बहुत पसंद है।",
	"Bugün hava çok güzel, parkta kitap okuyacağım.",
	"Tôi thích uống cà phê sữa đá vào buổi sáng.",
	"Saya sedang belajar memasak rendang dari ibu saya.",
	"When I was a child, we had no television, and in the evenings my "
	"mother read to us.",
	"The old harbour was closed in 1998, and artists moved into the empty "
	"warehouses.",
	"Scientists found that bees can tell faces apart, at least the faces "
	"of flowers.",
	"The minister resigned on Tuesday after the report about the bridge "
	"was published.",
	"Prices for olive oil have doubled since last year because of the "
	"drought.",
	"The orchestra opens its season with a symphony by a composer who died "
	"at thirty-one.",
	"Two goals in the last five minutes turned the match around.",
	"The museum shows tools, coins and a boat that lay in the mud for a "
	"thousand years.",
	"A recent study followed nine thousand people for twelve years and "
	"asked how they slept.",
	"The mayor promised more cycle paths; the shopkeepers asked where "
	"their customers should park.",
	"Chapter three: the captain counts the barrels and finds one missing.",
	"The patient reports headaches in the morning, no fever, and poor "
	"appetite.",
	"The defendant shall pay the costs of the proceedings within thirty "
	"days.",
	"Mix the flour with the butter, add cold water by the spoon, and let "
	"the dough rest.",
	"Turn left at the church, follow the stream for a mile, and look for a "
	"red gate.",
	"The company reported revenue of 3.4 million dollars in the second "
	"quarter, up 12 percent.",
	"Wash the wool by hand, never above thirty degrees, and dry it flat.",
	"Warning: the surface becomes hot. Keep children and pets away while "
	"it cools.",
	"The moon was already up when the last ferry left the island.",
	"Our warranty covers defects in material for two years from the date "
	"of purchase.",
	"Students must hand in their essays by 5 p.m. on 12 November; late "
	"work loses a grade.",
	"The gene is expressed in the liver and regulates how iron is stored.",
	"Voltage divided by resistance gives the current, measured in amperes.",
	"Once upon a time a fox lost his tail in a trap and told everyone that "
	"tails were out of fashion.",
	"What time is it in Toronto when it is noon in Nairobi?",
	"Who told you that I was moving to Denmark, and when?",
	"Where did I put the spare key, and who else has one?",
	"Why does my bread stay flat although the yeast is fresh?",
	"How many siblings does your colleague have, and which of them lives "
	"abroad?",
	"When is her birthday, and what kind of music does she like?",
	"What kind of dog did I get after the old one died?",
	"Which instruments do I play, and since when?",
	"How often do we go hiking together in a month?",
	"What did my friend give me for the housewarming party?",
	"Would I enjoy a weekend of surfing, given what I said about the sea?",
	"What advice did you give me about asking for a raise?",
	"Is the shop on the corner open on Sundays?",
	"Have we talked about the trip to Iceland before?",
	"Tell me a joke about penguins that is suitable for a wedding speech.",
	"Write a haiku about the first snow on the railway tracks.",
	"Translate this into Spanish: the doctor will see you now.",
	"Explain recursion to me as if I were a gardener.",
	"Compare electric and gas stoves for a rented flat.",
	"Give me five names for a fish restaurant by the sea.",
	"Proofread this paragraph and tell me which sentence is weakest.",
	"Make a shopping list for a vegetarian dinner for six people.",
	"ok thanks!! lol that was quick",
	"haha no way, are you serious??",
	"Hmm, not sure... maybe next time :)",
	"brb, the doorbell rang",
	"Good morning! Did you sleep well?",
	"See you soon, take care, and give my love to the twins.",
	"Congratulations on the new job, you have earned it!",
	"I am so sorry for your loss. He was a kind and funny man.",
	"Yes. No. Maybe. Later. Of course. Never mind. Exactly.",
	"January, February, March, April, May, June, July, August, September, "
	"October, November, December.",
	"Monday, Tuesday, Wednesday, Thursday, Friday, Saturday and Sunday; "
	"spring, summer, autumn, winter.",
	"One, two, three, four, five, six, seven, eight, nine, ten, twenty, "
	"fifty, a hundred, a thousand, a million.",
	"My number is 555-0142 and my mail is jo@example.org, but writing is "
	"better than calling.",
	"It cost $19.99 plus 7% tax, so $21.39 in total; I paid with a card.",
};

const char *
space_sample(size_t n)
{
	return n < COUNT(lines) ? lines[n] : NULL;
}
