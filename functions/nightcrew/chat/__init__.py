"""Deciding from a chat channel: a button there sends a message to a queue, AWS writes on it who sent it, and what
follows is told in the run's thread.

=============  =======================================================================================================
``members``    who sent a message, by what SQS says of its sender
``wishes``     what they want: approve or decline, which run, which plan
``deciding``   whether they may, by policy and the rules for approvals; and the answer
``doorway``    all of it as it is deployed
=============  =======================================================================================================

What is shown in a channel is made by ``engine/news_chat``. docs/chat.md says what AWS proves of a person, and what not.

Import from the modules: nothing is re-exported here.
"""
