// The emoji that bots and people write most, by Slack's names. Unknown names stay as they were typed.

const table = `
+1 👍|thumbsup 👍|-1 👎|thumbsdown 👎|ok_hand 👌|wave 👋|clap 👏|pray 🙏|raised_hands 🙌|muscle 💪|point_right 👉|point_left 👈
point_up ☝️|point_down 👇|eyes 👀|smile 😄|smiley 😃|grinning 😀|slightly_smiling_face 🙂|wink 😉|joy 😂|thinking_face 🤔|cry 😢
sob 😭|scream 😱|sweat_smile 😅|sunglasses 😎|heart ❤️|tada 🎉|confetti_ball 🎊|sparkles ✨|star ⭐|star2 🌟|fire 🔥|boom 💥|zap ⚡
100 💯|rocket 🚀|ship 🚢|airplane ✈️|construction 🚧|building_construction 🏗️|hammer 🔨|wrench 🔧|hammer_and_wrench 🛠️|gear ⚙️
nut_and_bolt 🔩|link 🔗|lock 🔒|unlock 🔓|key 🔑|closed_lock_with_key 🔐|shield 🛡️|mag 🔍|bulb 💡|memo 📝|pencil 📝|pencil2 ✏️
clipboard 📋|page_facing_up 📄|book 📖|books 📚|bookmark 🔖|label 🏷️|calendar 📅|date 📅|chart_with_upwards_trend 📈
chart_with_downwards_trend 📉|bar_chart 📊|moneybag 💰|dollar 💵|package 📦|inbox_tray 📥|outbox_tray 📤|file_folder 📁
file_cabinet 🗄️|floppy_disk 💾|computer 💻|desktop_computer 🖥️|globe_with_meridians 🌐|satellite_antenna 📡|whale 🐳|bug 🐛
monkey 🐒|monkey_face 🐵|robot_face 🤖|ghost 👻|skull 💀|hourglass ⌛|hourglass_flowing_sand ⏳|stopwatch ⏱️|timer_clock ⏲️
alarm_clock ⏰|clock1 🕐|bell 🔔|no_bell 🔕|mega 📣|loudspeaker 📢|speech_balloon 💬|white_check_mark ✅|heavy_check_mark ✔️
ballot_box_with_check ☑️|ballot_box_with_ballot 🗳️|x ❌|negative_squared_cross_mark ❎|heavy_multiplication_x ✖️|heavy_plus_sign ➕|heavy_minus_sign ➖
warning ⚠️|rotating_light 🚨|no_entry ⛔|no_entry_sign 🚫|octagonal_sign 🛑|stop_sign 🛑|exclamation ❗|question ❓|information_source ℹ️
recycle ♻️|arrows_counterclockwise 🔄|repeat 🔁|leftwards_arrow_with_hook ↩️|arrow_right_hook ↪️|arrow_right ➡️|arrow_left ⬅️
arrow_up ⬆️|arrow_down ⬇️|arrow_upper_right ↗️|fast_forward ⏩|rewind ⏪|arrow_forward ▶️|double_vertical_bar ⏸️|black_square_for_stop ⏹️
white_circle ⚪|black_circle ⚫|red_circle 🔴|large_blue_circle 🔵|blue_circle 🔵|large_green_circle 🟢|green_circle 🟢
large_yellow_circle 🟡|yellow_circle 🟡|large_orange_circle 🟠|white_small_square ▫️|black_small_square ▪️|green_heart 💚|red_square 🟥
large_green_square 🟩|large_yellow_square 🟨|wastebasket 🗑️|broom 🧹|seedling 🌱|evergreen_tree 🌲|sunny ☀️|cloud ☁️|partly_sunny ⛅
umbrella ☔|snowflake ❄️|rainbow 🌈|coffee ☕|beers 🍻|pizza 🍕|cake 🍰|trophy 🏆|checkered_flag 🏁|triangular_flag_on_post 🚩
white_flag 🏳️|crossed_fingers 🤞|handshake 🤝|bust_in_silhouette 👤|busts_in_silhouette 👥|receipt 🧾|test_tube 🧪|microscope 🔬`;

const emoji = new Map(table.split(/[|\n]/).filter(Boolean).map((entry) => entry.split(" ")));

/** The character for a name, or `undefined`. */
export const emojiFor = (name) => emoji.get(name);
